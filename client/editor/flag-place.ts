/** Between the text, or another name, and a name. */
const gapPx = 12

export interface WantedFlag {
  readonly client: number
  readonly lineNumber: number
  readonly widthPx: number
}

export interface FlagPlace {
  readonly lineNumber: number
  /** From the end of that line's text. */
  readonly shiftPx: number
}

/**
 * Where names stand without covering a word: behind the text of their line, of the one above or of the one below, each
 * behind those that stand there already. Who finds no room has no name.
 */
export function placeFlags(
  flags: readonly WantedFlag[],
  {
    textPx,
    roomPx,
  }: {
    /** How long a line's text is; `undefined` where there is no such line. */
    readonly textPx: (lineNumber: number) => number | undefined
    /** As far as can be seen. */
    readonly roomPx: number
  },
): ReadonlyMap<number, FlagPlace> {
  const places = new Map<number, FlagPlace>()
  const taken = new Map<number, number>()
  for (const { client, lineNumber, widthPx } of flags) {
    for (const line of [lineNumber, lineNumber - 1, lineNumber + 1]) {
      const text = textPx(line)
      if (text === undefined) continue
      const from = (taken.get(line) ?? text) + gapPx
      if (from + widthPx > roomPx) continue
      taken.set(line, from + widthPx)
      places.set(client, { lineNumber: line, shiftPx: from - text })
      break
    }
  }
  return places
}

/** Columns a text takes in a font where most letters are one wide, and those of Chinese and its neighbours two. */
export function columnsOf(text: string, tabSize: number): number {
  let columns = 0
  for (const letter of text) {
    if (letter === '\t') columns += tabSize - (columns % tabSize)
    else
      columns +=
        /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
          letter,
        )
          ? 2
          : 1
  }
  return columns
}
