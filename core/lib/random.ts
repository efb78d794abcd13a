/** The only source of chance. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

/** mulberry32: the same seed always gives the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    },
  }
}

/** An integer in [0, bound). */
export function randomInt(random: Random, bound: number): number {
  return Math.floor(random.next() * bound)
}

const alphabet = '0123456789abcdefghijkmnpqrstuvwxyz'

/** `prefix_` and 16 characters of a 34-letter alphabet (81 bits): an id, not a secret. */
export function mintId(prefix: string, random: Random): string {
  let id = `${prefix}_`
  for (let i = 0; i < 16; i++) id += alphabet[randomInt(random, alphabet.length)]
  return id
}
