/** The line of an answer at a point: a paragraph, a list item, a heading, a row, or one line of code. */
export function lineAt(target: EventTarget, clientY: number): string | undefined {
  if (!(target instanceof Element) || target.closest('a, button')) return undefined
  const chunk = target.closest('pre code > span')
  if (chunk) {
    const lines = (chunk.textContent ?? '').split('\n')
    const { top, height } = chunk.getBoundingClientRect()
    const index = Math.floor(((clientY - top) / height) * lines.length)
    return lines[Math.min(Math.max(index, 0), lines.length - 1)]
  }
  const block = target.closest('li, p, tr, h1, h2, h3, h4, h5, h6')
  // Of an item with a list inside, its own words.
  const own = [...(block?.childNodes ?? [])].filter(({ nodeName }) => nodeName !== 'UL' && nodeName !== 'OL')
  return own
    .map(({ textContent }) => textContent)
    .join(' ')
    .replace(/\s+/g, ' ')
}
