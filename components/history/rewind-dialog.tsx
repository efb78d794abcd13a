import { useEffect, useRef, useState } from 'react'
import type { RewindFile, RewindScope } from '../../core/protocol/rewind.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { cx } from '../ui/cx.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const scopes: readonly RewindScope[] = ['both', 'files', 'conversation']

/** What going back would change, before it does. Enter confirms. */
export function RewindDialog() {
  const t = useTranslate()
  const open = useWorkbench((state) => state.overlay === 'rewind')
  const showOverlay = useWorkbench((state) => state.showOverlay)
  if (!open) return null
  return (
    <DialogFrame
      title={t('history.title')}
      closeLabel={t('history.close')}
      onClose={() => showOverlay(undefined)}
      className="top-[10vh] max-h-[80vh] w-130"
    >
      <RewindForm />
    </DialogFrame>
  )
}

function RewindForm() {
  const t = useTranslate()
  const ask = useWorkbench((state) => state.rewindAsk)
  const prompt = useWorkbench((state) => promptOf(state.thread, ask?.turnId))
  const rewind = useWorkbench((state) => state.rewind)
  const showOverlay = useWorkbench((state) => state.showOverlay)
  const confirm = useRef<HTMLButtonElement>(null)
  const preview = ask?.preview
  const changing = preview?.files.filter(({ outcome }) => outcome !== 'gone' && outcome !== 'notText') ?? []
  const hasFiles = changing.length > 0
  const [chosen, choose] = useState<RewindScope>()
  const what = chosen ?? (preview && !hasFiles ? 'conversation' : 'both')
  const ready = preview !== undefined
  useEffect(() => {
    if (ready) confirm.current?.focus()
  }, [ready])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void rewind(what)
      }}
      className="flex flex-col gap-3 pt-3"
    >
      <p className="line-clamp-3 break-words rounded-md border border-n6 bg-n4 px-3 py-2 text-n12">
        {prompt}
      </p>
      <fieldset className="flex flex-wrap gap-1.5">
        <legend className="sr-only">{t('history.what')}</legend>
        {scopes.map((scope) => (
          <Choice
            key={scope}
            name="rewind"
            checked={what === scope}
            disabled={!ready || (scope === 'files' && !hasFiles)}
            onChoose={() => choose(scope)}
          >
            {t(`history.what.${scope}`)}
          </Choice>
        ))}
      </fieldset>
      {preview ? (
        <>
          <div className="text-n11">
            <p>
              {what === 'files'
                ? t('history.conversationStays')
                : t('history.messages', { turns: preview.turns, messages: preview.messages })}
            </p>
            <p>
              {what === 'conversation' && hasFiles
                ? t('history.filesStay')
                : t(hasFiles ? 'history.files' : 'history.noFiles', { count: changing.length })}
            </p>
          </div>
          {preview.files.length > 0 && <FileList files={preview.files} dimmed={what === 'conversation'} />}
        </>
      ) : (
        <p className="text-n10">{t('history.loading')}</p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={() => showOverlay(undefined)}>{t('history.cancel')}</Button>
        <Button ref={confirm} type="submit" look="primary" disabled={!ready}>
          {t('history.confirm')}
        </Button>
      </div>
    </form>
  )
}

type Thread = Parameters<Parameters<typeof useWorkbench>[0]>[0]['thread']

function promptOf(thread: Thread, turnId: string | undefined): string {
  const turn = thread?.turns.find(({ id }) => id === turnId)
  const asked = turn?.items.find((item) => item.type === 'userMessage')
  return asked?.text ?? ''
}

function FileList({ files, dimmed }: { readonly files: readonly RewindFile[]; readonly dimmed: boolean }) {
  const t = useTranslate()
  return (
    <ul
      aria-label={t('history.fileList')}
      className={cx('max-h-[40vh] overflow-y-auto rounded-md border border-n6 bg-n2', dimmed && 'opacity-50')}
    >
      {files.map((file) => (
        <FileRow key={file.path} file={file} />
      ))}
    </ul>
  )
}

function FileRow({ file }: { readonly file: RewindFile }) {
  const t = useTranslate()
  const { path, outcome, movedFrom, addedLines, removedLines, touched } = file
  const isLeft = outcome === 'gone' || outcome === 'notText'
  const slash = path.lastIndexOf('/')
  return (
    <li className="border-n6 border-b px-2 py-1 last:border-0">
      <div className="flex items-baseline gap-2">
        <span className="min-w-0 truncate text-n12">{path.slice(slash + 1)}</span>
        <span className="min-w-0 shrink-[99] truncate text-n10 text-small">
          {path.slice(0, Math.max(0, slash))}
        </span>
        {!isLeft && (
          <span className="tabular ml-auto flex shrink-0 gap-2 text-small">
            <span className="text-added">
              <span aria-hidden>+{addedLines}</span>
              <span className="sr-only">{t('history.added', { count: addedLines })}</span>
            </span>
            <span className="text-removed">
              <span aria-hidden>−{removedLines}</span>
              <span className="sr-only">{t('history.removed', { count: removedLines })}</span>
            </span>
          </span>
        )}
      </div>
      {outcome !== 'changed' && (
        <p className={cx('text-small', isLeft ? 'text-attention' : 'text-n10')}>
          {t(`history.outcome.${outcome}`, { path: movedFrom ?? '' })}
        </p>
      )}
      {touched && <p className="text-attention text-small">{t('history.touched')}</p>}
    </li>
  )
}
