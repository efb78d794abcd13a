/** Keeps the head and the tail of a long text: what is cut out is said. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text
  const head = text.slice(0, most * 0.75)
  const tail = text.slice(text.length - most * 0.25)
  return `${head}\n… ${text.length - most} characters left out …\n${tail}`
}
