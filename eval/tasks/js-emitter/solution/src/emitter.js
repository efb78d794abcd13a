export class Emitter {
  #listeners = new Map()

  on(name, listener) {
    return this.#add(name, listener, false)
  }

  once(name, listener) {
    return this.#add(name, listener, true)
  }

  off(name, listener) {
    const all = this.#listeners.get(name) ?? []
    const entry = all.find((other) => other.listener === listener)
    if (entry) this.#remove(name, entry)
  }

  emit(name, ...args) {
    for (const entry of [...(this.#listeners.get(name) ?? [])]) {
      if (entry.isOff) continue
      if (entry.once) this.#remove(name, entry)
      entry.listener(...args)
    }
  }

  #add(name, listener, once) {
    const entry = { listener, once, isOff: false }
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), entry])
    return () => this.#remove(name, entry)
  }

  #remove(name, entry) {
    entry.isOff = true
    const left = (this.#listeners.get(name) ?? []).filter((other) => other !== entry)
    this.#listeners.set(name, left)
  }
}
