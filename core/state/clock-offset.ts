/** One question to the relay for its clock: when it left and when the answer came, by the page's clock. */
export interface ClockSample {
  readonly sentAt: number
  readonly receivedAt: number
  /** What the relay's clock said in between. */
  readonly there: number
}

/** Clocks drift: what is older tells no more. */
const kept = 16

/** The relay's clock less the page's, in the unit of the samples, from the quickest of the latest questions. */
export class ClockOffset {
  #samples: readonly ClockSample[] = []

  add(sample: ClockSample): void {
    this.#samples = [...this.#samples, sample].slice(-kept)
  }

  /** The clock is another one from now on. */
  clear(): void {
    this.#samples = []
  }

  get value(): number | undefined {
    const [first, ...others] = this.#samples
    if (!first) return undefined
    const best = others.reduce((a, b) => (tripOf(b) <= tripOf(a) ? b : a), first)
    return best.there - (best.sentAt + best.receivedAt) / 2
  }
}

function tripOf({ sentAt, receivedAt }: ClockSample): number {
  return receivedAt - sentAt
}
