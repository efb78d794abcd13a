/** From 1, the last one included. */
export interface Lines {
  readonly firstLine: number
  readonly lastLine: number
}

export interface ChipRoom {
  /** So many lines the chip is high. */
  readonly rows: number
  /** Lines in view, those below the text's end included. */
  readonly view: Lines
  /** Of other changes. */
  readonly others: readonly Lines[]
  /** The line it began at when it was placed last. */
  readonly before: number | undefined
  /** The line's text ends left of the chip. */
  isFree(line: number): boolean
}

/**
 * The line at which the chip of a change begins, so that it covers no changed line: beside text that leaves it room, in
 * the change or at its edge; else over lines above or below that did not change. It stays where it was while that is
 * as good. `undefined`: everything in view has changed and is full.
 */
export function placeChip(change: Lines, room: ChipRoom): number | undefined {
  const { rows, view, others, before, isFree } = room
  const lastOf = (start: number) => start + rows - 1
  const isInView = (start: number) => start >= view.firstLine && lastOf(start) <= view.lastLine
  const isOthers = (start: number) =>
    others.some(({ firstLine, lastLine }) => firstLine <= lastOf(start) && start <= lastLine)
  const isOutside = (start: number) => start > change.lastLine || lastOf(start) < change.firstLine
  const isRoomy = (start: number) => {
    for (let line = start; line <= lastOf(start); line++) if (!isFree(line)) return false
    return true
  }

  const above = change.firstLine - rows
  const below = change.lastLine + 1
  const near = [
    ...(before !== undefined && before >= above && before <= below ? [before] : []),
    ...range(Math.max(change.firstLine, view.firstLine), Math.min(below, view.lastLine)),
    ...range(above, change.firstLine - 1).reverse(),
  ].filter(isInView)
  const beside = near.find((start) => !isOthers(start) && isRoomy(start))
  if (beside !== undefined) return beside

  const edges = [above, below].filter(isInView)
  const over = edges.includes(before ?? 0) ? [before ?? 0, ...edges] : edges
  const unchanged = over.find((start) => !isOthers(start))
  if (unchanged !== undefined) return unchanged
  // Between other changes: beside their text, else beyond them.
  return (
    edges.find(isRoomy) ??
    range(view.firstLine, view.lastLine)
      .filter((start) => isInView(start) && isOutside(start) && !isOthers(start))
      .sort((a, b) => distance(a, change) - distance(b, change))[0]
  )
}

function distance(line: number, { firstLine, lastLine }: Lines): number {
  return line < firstLine ? firstLine - line : line - lastLine
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)
}
