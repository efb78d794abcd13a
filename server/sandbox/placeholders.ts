import { mkdirSync, rmdirSync } from 'node:fs'

/**
 * Empty folders that keep a name from being taken while commands run, and go when the last of them has ended. Removing
 * one earlier would uncover the name in the other sandboxes.
 */
export class Placeholders {
  readonly #users = new Map<string, number>()

  has(path: string): boolean {
    return this.#users.has(path)
  }

  /** True when the name was free and is held now. */
  hold(path: string): boolean {
    const users = this.#users.get(path)
    if (users === undefined) {
      try {
        mkdirSync(path)
      } catch {
        return false
      }
    }
    this.#users.set(path, (users ?? 0) + 1)
    return true
  }

  release(path: string): void {
    const users = (this.#users.get(path) ?? 1) - 1
    if (users > 0) {
      this.#users.set(path, users)
      return
    }
    this.#users.delete(path)
    try {
      rmdirSync(path)
    } catch {
      // Somebody outside has made something of it: it is theirs now.
    }
  }
}
