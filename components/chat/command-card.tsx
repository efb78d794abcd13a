import { RotateCcw, Square, SquareTerminal } from 'lucide-react'
import { may } from '../../client/store/selectors.ts'
import { plainOutput } from '../../core/lib/plain-output.ts'
import { visibleText } from '../../core/lib/visible-text.ts'
import type { CommandResult, ThreadCommand } from '../../core/protocol/command.ts'
import { formatBytes } from '../editor/format-bytes.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { CommandOutput } from './command-output.tsx'
import { CommandReached } from './command-reached.tsx'

/** A command somebody ran: what it says as it says it, and how it ended. */
export function CommandCard({ command }: { readonly command: ThreadCommand }) {
  const t = useTranslate()
  const { id, output, result } = command
  const text = visibleText(command.text)
    .map((piece) => (piece.mark === undefined ? piece.text : `⟨${piece.mark}⟩`))
    .join('')
  const run = useWorkbench((state) => state.runCommand)
  const stop = useWorkbench((state) => state.stopCommand)
  const mine = useWorkbench((state) => !state.replay && may(state, 'command/run'))
  const problem = result?.gap ? t(`command.gap.${result.gap}`) : result?.problem
  return (
    <section
      aria-label={t('command.label', { text })}
      className="my-2 overflow-hidden rounded-md border border-n6 bg-n3"
    >
      <div className="flex min-h-8 flex-wrap items-start justify-end gap-x-2 px-2.5 py-1">
        <SquareTerminal size={14} aria-hidden className="mt-1 shrink-0 text-n10" />
        <code className="mt-0.5 min-w-0 flex-[1_1_9rem] whitespace-pre-wrap break-words font-mono text-[12px] text-n12">
          {text}
        </code>
        <span className="flex min-w-0 items-start gap-2">
          <Ending result={result} />
          {mine && result && (
            <IconButton label={t('command.again')} onClick={() => run(command.text)}>
              <RotateCcw size={13} aria-hidden />
            </IconButton>
          )}
          {mine && !result && (
            <IconButton label={t('command.stop')} onClick={() => stop(id)}>
              <Square size={12} aria-hidden />
            </IconButton>
          )}
        </span>
      </div>
      <CommandReached of={id} className="px-2.5 pb-1" />
      <Output text={text} output={output} problem={problem} empty={result !== undefined} />
    </section>
  )
}

function Ending({ result }: { readonly result: CommandResult | undefined }) {
  const t = useTranslate()
  const language = useLanguage()
  if (!result) return <span className="mt-0.5 shrink-0 text-n10 text-small">{t('command.running')}</span>
  const { exit, cut, durationMs, droppedBytes, problem } = result
  const words =
    problem !== undefined
      ? t('command.problem')
      : cut !== 'none'
        ? t(cut === 'output' ? 'command.flood' : `command.${cut}`)
        : exit === 0
          ? t('command.done')
          : t('command.exit', { code: exit ?? '–' })
  return (
    <span className={cx('tabular mt-0.5 text-small', exit === 0 ? 'text-n10' : 'text-danger')}>
      {words}
      {problem === undefined && cut !== 'lost' && ` · ${(durationMs / 1000).toFixed(1)} s`}
      {droppedBytes > 0 && ` · ${t('command.dropped', { size: formatBytes(droppedBytes, language) })}`}
    </span>
  )
}

function Output(props: {
  readonly text: string
  readonly output: string
  readonly problem: string | undefined
  readonly empty: boolean
}) {
  const t = useTranslate()
  if (props.problem !== undefined) return <p className="px-2.5 pb-2 text-danger">{props.problem}</p>
  if (props.empty && plainOutput(props.output) === '')
    return <p className="px-2.5 pb-1.5 text-n10 text-small">{t('command.empty')}</p>
  return <CommandOutput text={props.text} output={props.output} className="border-n6 border-t" />
}
