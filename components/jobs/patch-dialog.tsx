import { ChevronRight } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { type PatchFile, type PatchLine, readPatch } from '../../core/document/patch-files.ts'
import { cx } from '../ui/cx.ts'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { LineCounts } from '../workbench/line-counts.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Lines drawn; a longer patch is cut, and its branch has all of it. */
const drawnAtMost = 5000

/** A job's changes so far, or how two candidates differ, file by file. */
export function PatchDialog() {
  const t = useTranslate()
  const shown = useWorkbench((state) => state.shownPatch)
  const close = useWorkbench((state) => state.closePatch)
  const patch = shown?.patch ?? ''
  const { files, isCut } = useMemo(() => {
    const lines = patch.split('\n')
    return {
      files: readPatch(lines.slice(0, drawnAtMost).join('\n')),
      isCut: lines.length > drawnAtMost,
    }
  }, [patch])
  // Right behind what it lies above: dialogs that come together hide each other from who listens to the page.
  const [due, setDue] = useState<typeof shown>()
  useEffect(() => setDue(shown), [shown])
  if (!shown || shown !== due) return null
  return (
    <DialogFrame
      title={t('jobs.diffTitle', {
        title: 'between' in shown ? t('candidates.compareTitle', shown.between) : shown.title,
      })}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[6vh] max-h-[88vh] w-220 max-sm:top-3 max-sm:max-h-[calc(100dvh-24px)] [&>div:last-child]:p-0"
    >
      {files.length === 0 && <p className="px-4 py-3 text-n10">{t('jobs.diffEmpty')}</p>}
      {files.map((file) => (
        <FileLines key={file.path} file={file} />
      ))}
      {isCut && <p className="px-4 py-3 text-n10">{t('jobs.diffCut')}</p>}
    </DialogFrame>
  )
}

function FileLines({ file }: { readonly file: PatchFile }) {
  const t = useTranslate()
  const { path, kind, added, removed, hunks } = file
  return (
    <details open className="group border-n6 border-b last:border-0">
      <summary className="row-h sticky top-0 z-10 flex cursor-default list-none items-center gap-2 bg-n4 px-3 group-open:border-n6 group-open:border-b">
        <ChevronRight size={13} aria-hidden className="shrink-0 text-n10 group-open:rotate-90" />
        <span className="min-w-0 truncate text-n12" title={path}>
          {path}
        </span>
        <span className="tabular ml-auto flex shrink-0 gap-2 text-small">
          {kind !== 'update' && <span className="text-n10">{t(`edit.${kind}`)}</span>}
          <LineCounts added={added} removed={removed} />
        </span>
      </summary>
      {hunks.length === 0 && <p className="px-4 py-2 text-n10">{t('jobs.diffNoText')}</p>}
      <pre className="overflow-x-auto font-mono">
        <span className="block w-max min-w-full">
          {hunks.map((hunk, index) => (
            <span key={index} className="block">
              {(index > 0 || hunk.place !== '') && (
                <span className="block bg-n2 px-3 text-n10">{hunk.place || '⋯'}</span>
              )}
              {hunk.lines.map((line, at) => (
                <Line key={at} line={line} />
              ))}
            </span>
          ))}
        </span>
      </pre>
    </details>
  )
}

const tones = {
  same: 'text-n11',
  added: 'bg-added-soft text-n12',
  removed: 'bg-removed-soft text-n12',
} as const
const signs = { same: ' ', added: '+', removed: '-' } as const

function Line({ line: { kind, text, before, after } }: { readonly line: PatchLine }) {
  return (
    <span className={cx('flex min-h-5 pr-3', tones[kind])}>
      <Place line={before} className="max-sm:hidden" />
      <Place line={after ?? before} className={after === undefined ? 'sm:invisible' : undefined} />
      <span className="w-4 shrink-0 select-none text-center text-n10">{signs[kind]}</span>
      <span>{text}</span>
    </span>
  )
}

function Place({
  line,
  className,
}: {
  readonly line: number | undefined
  readonly className?: string | undefined
}) {
  return (
    <span aria-hidden className={cx('tabular w-10 shrink-0 select-none pr-2 text-right text-n10', className)}>
      {line}
    </span>
  )
}
