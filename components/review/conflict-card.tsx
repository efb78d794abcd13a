import { Button } from '../ui/button.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import type { ReviewConflict } from './use-conflicts.ts'

/** A place a background job and a person both changed: two candidates for it, side by side. */
export function ConflictCard(props: {
  readonly entry: ReviewConflict
  readonly onTake: (take: 'ours' | 'theirs') => void
  readonly onTakeBack: () => void
  readonly onOpen: () => void
}) {
  const t = useTranslate()
  const { entry, onTake, onTakeBack, onOpen } = props
  const { isKept } = entry
  const { path, startLine, base, ours, theirs } = entry.conflict
  return (
    <>
      <article
        aria-label={t('review.conflictAt', { path, line: startLine })}
        className="flex min-h-0 flex-1 flex-col"
      >
        <p className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-n6 border-b px-4 py-2">
          <span className="min-w-0 truncate text-n12 max-sm:basis-full" title={path}>
            {path}
          </span>
          <span className="tabular text-n10">{t('review.line', { line: startLine })}</span>
          <span className="flex-1" />
          <output className={isKept ? 'text-n11' : 'text-attention'}>
            {t(isKept ? 'review.conflictKept' : 'review.conflict')}
          </output>
        </p>
        <p className="shrink-0 border-n6 border-b px-4 py-2 text-n10">
          {t(isKept ? 'review.conflictKeptHelp' : 'review.conflictHelp', { title: entry.title })}
        </p>
        <div className="@container min-h-0 flex-1 overflow-y-auto">
          <div className="grid gap-px bg-n6 @min-[36rem]:grid-cols-2">
            <Side name={t('jobs.yours')} text={ours} />
            <Side name={t('jobs.theirs')} text={theirs} />
          </div>
          {base !== '' && (
            <details className="border-n6 border-t px-4 py-2">
              <summary className="cursor-default text-n10 text-small">{t('review.conflictBase')}</summary>
              <pre className="overflow-x-auto py-1 font-mono text-n11">{base}</pre>
            </details>
          )}
        </div>
      </article>
      <footer className="flex shrink-0 items-center gap-2 border-n6 border-t px-4 py-2 max-sm:grid max-sm:grid-cols-2">
        <Button look={isKept ? 'plain' : 'primary'} disabled={isKept} onClick={() => onTake('ours')}>
          {t('jobs.keepMine')} <KeyHint>1</KeyHint>
        </Button>
        <Button onClick={() => onTake('theirs')}>
          {t('jobs.takeTheirs')} <KeyHint>2</KeyHint>
        </Button>
        <Button look="quiet" onClick={onTakeBack}>
          {t('review.takeBack')} <KeyHint>U</KeyHint>
        </Button>
        <span className="flex-1 max-sm:hidden" />
        <Button look="quiet" onClick={onOpen}>
          {t('review.openPlace')} <KeyHint>O</KeyHint>
        </Button>
      </footer>
    </>
  )
}

function Side({ name, text }: { readonly name: string; readonly text: string }) {
  const t = useTranslate()
  return (
    <section aria-label={name} className="min-w-0 bg-n3 px-4 py-2">
      <h3 className="text-n10 text-small">{name}</h3>
      {text === '' ? (
        <p className="text-n10">{t('review.conflictNothing')}</p>
      ) : (
        <pre className="overflow-x-auto py-1 font-mono text-n12">{text}</pre>
      )}
    </section>
  )
}
