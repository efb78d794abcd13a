/** One request as the fake model saw it. */
export interface RecordedRequest {
  readonly index: number
  readonly kind: 'responses-websocket' | 'responses-sse' | 'chat' | 'models'
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readonly<Record<string, unknown>>
  /** Number of the connection, and whether it had carried a request before. */
  readonly socketId: number
  readonly reused: boolean
  /** Milliseconds of the monotonic clock that processes of one machine share. */
  readonly at: number
  /** When the last frame was sent; absent while it runs. */
  endedAt?: number
  /** When the client dropped the connection before that. */
  cutAt?: number
  /** Resolves when the request is over, one way or the other. */
  readonly over: Promise<void>
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The list of requests, and waiting for the next one that fits. */
export class Records {
  readonly requests: RecordedRequest[] = []
  readonly #waiting = new Set<() => void>()

  add(seen: Omit<RecordedRequest, 'index' | 'at' | 'over'>): {
    record: RecordedRequest
    end: (cut: boolean) => void
  } {
    let settle = (): void => {}
    const over = new Promise<void>((resolve) => {
      settle = resolve
    })
    const record: RecordedRequest = { ...seen, index: this.requests.length, at: monotonicMs(), over }
    this.requests.push(record)
    for (const check of this.#waiting) check()
    const end = (cut: boolean): void => {
      if (record.endedAt !== undefined || record.cutAt !== undefined) return
      if (cut) record.cutAt = monotonicMs()
      else record.endedAt = monotonicMs()
      settle()
    }
    return { record, end }
  }

  /** The first request, now or later, that fits. */
  waitFor(fits: (request: RecordedRequest) => boolean): Promise<RecordedRequest> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.requests.find(fits)
        if (!found) return
        this.#waiting.delete(check)
        resolve(found)
      }
      this.#waiting.add(check)
      check()
    })
  }
}
