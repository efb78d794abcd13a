/** A place in a file that the model rewrites as a whole, again and again: a block of lines that name their version. */
export interface Slot {
  readonly id: number
  readonly path: string
}

export interface Rewrite {
  readonly slot: Slot
  /** The version that is replaced, and the one that replaces it; no version is given twice. */
  readonly from: number
  readonly to: number
}

const typedFrom = 0x3400
const typedCharacters = /[\u3400-\u9fff]/g

/** Every typed character is another one, so that each can be asked after. */
export function typedCharacter(index: number): string {
  return String.fromCharCode(typedFrom + index)
}

export function typedIn(text: string): readonly string[] {
  return text.match(typedCharacters) ?? []
}

function blockOf(slot: number, version: number): string {
  const lines = 1 + ((slot * 7 + version * 5) % 11)
  const body = Array.from(
    { length: lines },
    (_, i) => `slot ${slot} version ${version} line ${i} of ${lines}\n`,
  )
  return `slot ${slot} version ${version} begin\n${body.join('')}slot ${slot} version ${version} end\n`
}

/** The file as nobody but the model changed it. */
export function fileText(slots: readonly Slot[], versionOf: (slot: number) => number): string {
  const parts = slots.map(({ id }) => `note ${id} about nothing\n${blockOf(id, versionOf(id))}`)
  return `${parts.join('')}the end\n`
}

/** The versions a text shows, or what is wrong with it. */
export function readVersions(text: string, slots: readonly Slot[]): ReadonlyMap<number, number> | string {
  const bare = text.replace(typedCharacters, '')
  const versions = new Map<number, number>()
  for (const [, slot, version] of bare.matchAll(/^slot (\d+) version (\d+) begin$/gm)) {
    if (versions.has(Number(slot))) return `slot ${slot} is there twice`
    versions.set(Number(slot), Number(version))
  }
  const wanted = fileText(slots, (slot) => versions.get(slot) ?? 0)
  if (bare === wanted) return versions
  let at = 0
  while (bare[at] === wanted[at]) at++
  const around = (whole: string) => JSON.stringify(whole.slice(Math.max(0, at - 60), at + 100))
  return `torn at ${at}: ${around(bare)} where ${around(wanted)} was due`
}

/** A patch with a hunk for each rewrite; `undefined` where the text is not as it should be. */
export function rewritePatch(text: string, rewrites: readonly Rewrite[]): string {
  const lines = text.split('\n')
  return rewrites
    .map(({ slot: { id }, from, to }) => {
      const old = blockOf(id, from)
      const context = lines.find((line) => line.includes(`note ${id} `) || line.includes(`note ${id} about`))
      const head = context === undefined ? '' : ` ${context}\n`
      return `@@\n${head}${prefixed('-', old)}${prefixed('+', blockOf(id, to))}`
    })
    .join('')
}

/** Whether the block stands in the text with nothing typed in it. */
export function isUntouched(text: string, slot: number, version: number): boolean {
  return text.includes(blockOf(slot, version))
}

/** A file that is made in one piece; it tells its own length. */
export function madeFile(version: number): string {
  const lines = 1 + (version % 17)
  return Array.from({ length: lines }, (_, i) => `made ${version} line ${i} of ${lines}\n`).join('')
}

export function prefixed(mark: string, text: string): string {
  return text.replace(/^(?=.)/gm, mark)
}
