import type { ThreadEvent } from '../../core/protocol/thread.ts'

type Delta = Extract<ThreadEvent, { type: 'item/delta' }>

export interface FrameBatcher {
  push(event: ThreadEvent): void
  /** Forgets what waits, because a snapshot replaces it. */
  clear(): void
}

/** Collects events and hands them over once per frame, the deltas of one item joined into one. */
export function createFrameBatcher(options: {
  readonly schedule: (flush: () => void) => () => void
  readonly flush: (events: readonly ThreadEvent[]) => void
}): FrameBatcher {
  let queue: ThreadEvent[] = []
  let cancel: (() => void) | undefined

  function hand(): void {
    const events = joinDeltas(queue)
    queue = []
    cancel = undefined
    options.flush(events)
  }

  return {
    push(event) {
      queue.push(event)
      cancel ??= options.schedule(hand)
    },
    clear() {
      queue = []
      cancel?.()
      cancel = undefined
    },
  }
}

/** Deltas commute with those of other items, with nothing else. Pieces that do not touch stay apart. */
export function joinDeltas(events: readonly ThreadEvent[]): ThreadEvent[] {
  const joined: ThreadEvent[] = []
  const open = new Map<string, { index: number; first: Delta; end: number; pieces: string[] }>()
  const close = () => {
    for (const { index, first, pieces } of open.values()) joined[index] = { ...first, text: pieces.join('') }
    open.clear()
  }
  for (const event of events) {
    if (event.type !== 'item/delta') {
      close()
      joined.push(event)
      continue
    }
    const run = open.get(event.itemId)
    if (run && run.end === event.offset) {
      run.pieces.push(event.text)
      run.end += event.text.length
      continue
    }
    if (run) close()
    const end = event.offset + event.text.length
    open.set(event.itemId, { index: joined.length, first: event, end, pieces: [event.text] })
    joined.push(event)
  }
  close()
  return joined
}
