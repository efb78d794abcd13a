import { mergeUpdates } from 'yjs'

interface Waiting {
  readonly update: Uint8Array
  /** How many of the person's edits it holds. */
  readonly edits: number
}

/** The person's updates of one document until the server says they are durable. */
export interface UpdateOutbox {
  add(update: Uint8Array): void
  /** Joins what waits into one numbered update to send now. */
  take(): { readonly number: number; readonly update: Uint8Array } | undefined
  acknowledge(number: number): void
  /**
   * Another socket: numbers begin at 1 and what was not acknowledged waits again, as part of `lacking` when it is known
   * what the server lacks. Sending twice is harmless.
   */
  restart(lacking?: Uint8Array): void
  /** All that the server may not have, as one update. */
  all(): Uint8Array
  /** What has waited longest; another object once that is acknowledged. */
  oldest(): object | undefined
  /** Edits the server may not have. */
  readonly kept: number
  readonly hasWaiting: boolean
}

export function createUpdateOutbox(): UpdateOutbox {
  let waiting: Waiting[] = []
  let sent: (Waiting & { readonly number: number })[] = []
  let lastNumber = 0
  const kept = () => [...sent, ...waiting].reduce((sum, { edits }) => sum + edits, 0)
  return {
    add(update) {
      waiting.push({ update, edits: 1 })
    },
    take() {
      if (waiting.length === 0) return undefined
      const joined = join(waiting)
      waiting = []
      lastNumber++
      sent.push({ ...joined, number: lastNumber })
      return { number: lastNumber, update: joined.update }
    },
    acknowledge(number) {
      sent = sent.filter((entry) => entry.number > number)
    },
    restart(lacking) {
      const edits = kept()
      waiting = lacking === undefined ? [...sent, ...waiting] : [{ update: lacking, edits }]
      sent = []
      lastNumber = 0
    },
    all: () => join([...sent, ...waiting]).update,
    oldest: () => (sent[0] ?? waiting[0])?.update,
    get kept() {
      return kept()
    },
    get hasWaiting() {
      return waiting.length > 0
    },
  }
}

function join(entries: readonly Waiting[]): Waiting {
  const [only] = entries
  if (only && entries.length === 1) return only
  return {
    update: mergeUpdates(entries.map((entry) => entry.update)),
    edits: entries.reduce((sum, { edits }) => sum + edits, 0),
  }
}
