import type { ClipboardEvent } from 'react'

const longLines = 40
const longChars = 4000

/** A long paste goes beside the message instead of into it. False: it is not long. */
export function keepLongPaste(event: ClipboardEvent, keep: (text: string) => void): boolean {
  const text = event.clipboardData.getData('text/plain').replaceAll('\r\n', '\n')
  const isLong = text.length > longChars || text.split('\n').length > longLines
  if (!isLong) return false
  event.preventDefault()
  keep(text)
  return true
}
