import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef } from 'react'
import type { Replay } from '../../client/store/replay-slice.ts'
import type { ReplayedText } from '../../core/document/file-replay.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { patchOf } from '../../core/state/export-thread.ts'
import type { Token } from '../chat/highlight-tokens.ts'
import { TokenText } from '../chat/token-text.tsx'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { useLineColours } from './use-line-colours.ts'

/** Height of a line of code, in pixels. */
const lineHeight = 20

/** The files of a thread as its edits were written, over the editor, whose documents stay as they are. */
export function ReplayFiles({ replay }: { readonly replay: Replay }) {
  const t = useTranslate()
  const choose = useWorkbench((state) => state.chooseReplayFile)
  const { files, file, fileText, chosenFile, view } = replay
  return (
    <section aria-label={t('replay.files')} className="absolute inset-0 z-10 flex flex-col bg-n3">
      <div className="flex h-(--toolbar) shrink-0 items-center gap-1 overflow-x-auto border-n6 border-b bg-n1 px-2 [scrollbar-width:none]">
        {files.map((path) => (
          <button
            key={path}
            type="button"
            title={path}
            aria-pressed={path === file}
            onClick={() => choose(path)}
            className={cx(
              'hit h-6 shrink-0 rounded-sm px-2 transition-colors',
              path === file ? 'bg-n5 text-n12' : 'text-n10 hover:bg-n4 hover:text-n12',
            )}
          >
            {path.slice(path.lastIndexOf('/') + 1)}
          </button>
        ))}
        <span className="flex-1" />
        {chosenFile !== undefined && (
          <Button className="h-6" onClick={() => choose(undefined)}>
            {t('replay.follow')}
          </Button>
        )}
      </div>
      <p className="shrink-0 border-n6 border-b px-3 py-1 text-n10 text-small">
        {file === undefined
          ? t('replay.noFile')
          : t(fileText === 'gone' ? 'replay.goneNote' : 'replay.filesNote')}
      </p>
      {file !== undefined && fileText === 'gone' && <Patch view={view} path={file} />}
      {file !== undefined && typeof fileText === 'object' && <Code key={file} path={file} text={fileText} />}
    </section>
  )
}

/** Only the lines in view are drawn: a file may have any length. */
function Code({ path, text }: { readonly path: string; readonly text: ReplayedText }) {
  const t = useTranslate()
  const scroller = useRef<HTMLDivElement>(null)
  const { lines, from, to } = text
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  })
  const written = to - 1
  useEffect(() => {
    if (written >= 0) virtual.scrollToIndex(written, { align: 'center' })
  }, [virtual, written])
  const digits = String(lines.length).length
  const inView = virtual.getVirtualItems()
  const colours = useLineColours(path, {
    lines,
    from: inView[0]?.index ?? 0,
    to: (inView.at(-1)?.index ?? -1) + 1,
  })
  return (
    <div
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reachable by keys
      tabIndex={0}
      role="document"
      aria-label={t('replay.code', { name: path })}
      className="min-h-0 flex-1 overflow-auto font-mono"
    >
      <div className="relative w-max min-w-full" style={{ height: virtual.getTotalSize() }}>
        {inView.map(({ index, start }) => (
          <div
            key={index}
            style={{ transform: `translateY(${start}px)`, height: lineHeight }}
            className={cx(
              'absolute top-0 flex w-full min-w-max pr-4',
              index >= from && index < to && 'bg-added-soft',
            )}
          >
            <span
              aria-hidden
              style={{ width: `${digits + 3}ch` }}
              className="shrink-0 select-none pr-4 text-right text-n9"
            >
              {index + 1}
            </span>
            <Line text={lines[index] ?? ''} tokens={colours(index)} />
          </div>
        ))}
      </div>
    </div>
  )
}

const Line = memo(function Line(props: {
  readonly text: string
  readonly tokens: readonly Token[] | undefined
}) {
  const { text, tokens } = props
  return <code className="whitespace-pre text-n12">{tokens ? <TokenText tokens={tokens} /> : text}</code>
})

/** The edit itself, of a file whose text can't be had any more. */
function Patch({ view, path }: { readonly view: ThreadState | undefined; readonly path: string }) {
  const t = useTranslate()
  const edit = view?.turns
    .flatMap((turn) => turn.items)
    .findLast(
      (item) =>
        item.type === 'fileChange' && item.files.some((file) => file.path === path || file.movedTo === path),
    )
  const text = edit?.type === 'fileChange' ? patchOf(edit) : ''
  if (text === '') return <p className="px-3 py-2 text-n10">{t('replay.gonePending')}</p>
  return <pre className="min-h-0 flex-1 overflow-auto px-3 py-2 font-mono text-n12">{text}</pre>
}
