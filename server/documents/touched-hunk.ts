import type * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import type { Fork } from '../../core/document/fork.ts'
import { decodePosition } from '../../core/document/position.ts'

/**
 * Watches for a person who changes a line of the hunk that is being written. `current`: that hunk, if there is one.
 * Returns what ends it.
 */
export function watchTouches(options: {
  readonly doc: Y.Doc
  readonly fork: Fork
  readonly isPerson: (origin: unknown) => boolean
  readonly current: () => string | undefined
  readonly onTouched: (hunkId: string) => void
}): () => void {
  const { doc, fork, isPerson, current, onTouched } = options
  const text = textOf(doc)

  function onChange(event: Y.YTextEvent, transaction: Y.Transaction): void {
    const hunkId = current()
    if (hunkId === undefined || !isPerson(transaction.origin)) return
    const anchor = fork.anchor(hunkId)
    const from = anchor && decodePosition(doc, anchor.from)
    const to = anchor && decodePosition(doc, anchor.to)
    if (from === undefined || to === undefined) return
    const whole = text.toString()
    const lineStart = whole.lastIndexOf('\n', from - 1) + 1
    // A hunk that ends with its line's end has nothing of the next line.
    const lastEnd = whole.indexOf('\n', to > from && whole[to - 1] === '\n' ? to - 1 : to)
    const lineEnd = lastEnd < 0 ? whole.length : lastEnd
    const touches = changedRanges(event).some((range) => range.to >= lineStart && range.from <= lineEnd)
    if (touches) onTouched(hunkId)
  }

  text.observe(onChange)
  return () => text.unobserve(onChange)
}

/** Where the text is another now, in offsets of the text after the change. */
function changedRanges(event: Y.YTextEvent): readonly { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = []
  let at = 0
  for (const { retain, insert } of event.delta) {
    if (retain !== undefined) {
      at += retain
      continue
    }
    const length = typeof insert === 'string' ? insert.length : 0
    ranges.push({ from: at, to: at + length })
    at += length
  }
  return ranges
}
