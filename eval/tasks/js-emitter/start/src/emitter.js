export class Emitter {
  #listeners = new Map()

  on(name, listener) {
    const all = this.#listeners.get(name) ?? []
    all.push(listener)
    this.#listeners.set(name, all)
    return () => this.off(name, listener)
  }

  once(name, listener) {
    const wrapped = (...args) => {
      listener(...args)
      this.off(name, wrapped)
    }
    return this.on(name, wrapped)
  }

  off(name, listener) {
    const all = this.#listeners.get(name) ?? []
    const at = all.indexOf(listener)
    all.splice(at, 1)
  }

  emit(name, ...args) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...args)
  }
}
