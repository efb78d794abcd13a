import type { Store } from '../store/store.ts'

/** A server's disk: from the moment it dies on, nothing reaches it and nothing comes back. */
export function mortal(disk: Store) {
  let dead = false
  const never = new Promise<never>(() => undefined)
  const store = new Proxy(disk, {
    get(target, name: keyof Store) {
      return (...args: unknown[]) => {
        if (dead) return never
        const method = target[name] as (...given: unknown[]) => unknown
        return method.apply(target, args)
      }
    },
  })
  return {
    store,
    die(): Promise<never> {
      dead = true
      return never
    },
  }
}
