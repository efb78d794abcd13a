/** A list of listeners that may change while it is told. */
export interface Listeners<A extends readonly unknown[]> {
  add(listener: (...args: A) => void): () => void
  tell(...args: A): void
}

export function createListeners<A extends readonly unknown[]>(): Listeners<A> {
  const all = new Set<(...args: A) => void>()
  return {
    add(listener) {
      // A wrapper of its own, so that one function added twice is told twice and removed once.
      const entry = (...args: A) => listener(...args)
      all.add(entry)
      return () => all.delete(entry)
    },
    tell(...args) {
      for (const listener of [...all]) listener(...args)
    },
  }
}
