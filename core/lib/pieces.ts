const pieceChars = 4000

/** A text in pieces that end where a line does as far as that is possible. */
export function cutIntoPieces(text: string): readonly string[] {
  const pieces: string[] = []
  for (let from = 0; from < text.length; ) {
    const line = text.lastIndexOf('\n', from + pieceChars - 1) + 1
    const to = text.length - from <= pieceChars ? text.length : line > from ? line : from + pieceChars
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}
