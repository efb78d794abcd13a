import type { ModelSession } from './provider.ts'
import type { HttpPool } from './upstream-http.ts'

/** A session with connections of its own, for one request: it finds none open and leaves none. */
export function freshSession(newPool: () => HttpPool, open: (pool: HttpPool) => ModelSession): ModelSession {
  const pool = newPool()
  const session = open(pool)
  return {
    warm() {},
    stream: (request, signal, onEvent) => session.stream(request, signal, onEvent),
    close() {
      session.close()
      pool.close()
    },
  }
}
