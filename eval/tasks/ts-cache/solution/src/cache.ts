export interface CacheOptions {
  readonly max: number
  readonly ttlMs: number
  readonly now?: () => number
}

interface Entry<V> {
  readonly value: V
  readonly endsAt: number
}

export class Cache<K, V> {
  readonly #max: number
  readonly #ttlMs: number
  readonly #now: () => number
  /** The one used longest ago is first. */
  readonly #entries = new Map<K, Entry<V>>()

  constructor({ max, ttlMs, now = Date.now }: CacheOptions) {
    this.#max = max
    this.#ttlMs = ttlMs
    this.#now = now
  }

  get size(): number {
    this.#dropOld()
    return this.#entries.size
  }

  get(key: K): V | undefined {
    const entry = this.#fresh(key)
    if (!entry) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, endsAt: this.#now() + this.#ttlMs })
    if (this.#entries.size > this.#max) this.#dropOld()
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#max) return
      this.#entries.delete(oldest)
    }
  }

  has(key: K): boolean {
    return this.#fresh(key) !== undefined
  }

  delete(key: K): boolean {
    const was = this.has(key)
    this.#entries.delete(key)
    return was
  }

  #fresh(key: K): Entry<V> | undefined {
    const entry = this.#entries.get(key)
    return entry && this.#now() < entry.endsAt ? entry : undefined
  }

  #dropOld(): void {
    for (const [key, { endsAt }] of this.#entries) if (this.#now() >= endsAt) this.#entries.delete(key)
  }
}
