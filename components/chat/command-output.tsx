import { useDeferredValue, useLayoutEffect, useMemo, useRef } from 'react'
import { plainOutput } from '../../core/lib/plain-output.ts'
import { cx } from '../ui/cx.ts'
import { useTranslate } from '../workbench/use-translate.ts'

/** What a command has written so far. The end stays in view unless the reader has gone up. */
export function CommandOutput(props: {
  /** The command. */
  readonly text: string
  readonly output: string
  readonly className?: string
}) {
  const t = useTranslate()
  const box = useRef<HTMLPreElement>(null)
  const follows = useRef(true)
  const output = useDeferredValue(props.output)
  const plain = useMemo(() => plainOutput(output), [output])
  useLayoutEffect(() => {
    if (box.current && plain !== '' && follows.current) box.current.scrollTop = box.current.scrollHeight
  }, [plain])
  if (plain === '') return null
  return (
    <pre
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reachable by keys
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={t('command.output', { text: props.text })}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < 8
      }}
      className={cx(
        'max-h-80 overflow-auto whitespace-pre bg-n2 px-2.5 py-2 font-mono text-[12px] text-n11',
        props.className,
      )}
    >
      {plain}
    </pre>
  )
}
