export interface CacheOptions {
  readonly max: number
  readonly ttlMs: number
  readonly now?: () => number
}

export class Cache<K, V> {
  constructor(_options: CacheOptions) {
    throw new Error('not written yet')
  }
}
