/** A change of a whole text as Yjs tells it: walk along, keep, insert or delete. What follows the last op is kept. */
export type TextOp = { readonly retain: number } | { readonly insert: string } | { readonly delete: number }

/** One replacement; `at` counts in the text before any replacement of its list. Lists are sorted and do not touch. */
export interface Replacement {
  readonly at: number
  readonly remove: number
  readonly insert: string
}

/** The one op that says as much as `first` and then `second`. */
export function composeOps(first: readonly TextOp[], second: readonly TextOp[]): TextOp[] {
  const result: TextOp[] = []
  const a = new OpReader(first)
  const b = new OpReader(second)
  while (!a.done || !b.done) {
    const left = a.peek()
    const right = b.peek()
    if ('insert' in right) push(result, b.take(right.insert.length))
    else if ('delete' in left) push(result, a.take(left.delete))
    else {
      const length = Math.min(a.length, b.length)
      const kept = a.take(length)
      b.take(length)
      if ('retain' in right) push(result, kept)
      else if ('retain' in kept) push(result, { delete: length })
      // An insert that is deleted again leaves nothing.
    }
  }
  return result
}

/**
 * `ops` as they read after `over` has happened to the same text. Where both insert at one place,
 * `inserts` says on which side of the other's text these stand.
 */
export function rebaseOps(
  ops: readonly TextOp[],
  over: readonly TextOp[],
  { inserts }: { readonly inserts: 'before' | 'after' },
): TextOp[] {
  const result: TextOp[] = []
  const a = new OpReader(ops)
  const b = new OpReader(over)
  while (!a.done) {
    const mine = a.peek()
    const theirs = b.peek()
    if ('insert' in mine && (inserts === 'before' || !('insert' in theirs)))
      push(result, a.take(mine.insert.length))
    else if ('insert' in theirs) {
      b.take(theirs.insert.length)
      push(result, { retain: theirs.insert.length })
    } else {
      const length = Math.min(a.length, b.length)
      const op = a.take(length)
      b.take(length)
      if ('retain' in theirs) push(result, op)
    }
  }
  return result
}

export function opsToReplacements(ops: readonly TextOp[]): Replacement[] {
  const result: Replacement[] = []
  let at = 0
  let current: { at: number; remove: number; insert: string } | undefined
  for (const op of ops) {
    if ('retain' in op) {
      if (op.retain > 0) current = undefined
      at += op.retain
      continue
    }
    if (!current) {
      current = { at, remove: 0, insert: '' }
      result.push(current)
    }
    if ('insert' in op) current.insert += op.insert
    else {
      current.remove += op.delete
      at += op.delete
    }
  }
  return result
}

export function replacementsToOps(replacements: readonly Replacement[]): TextOp[] {
  const result: TextOp[] = []
  let at = 0
  for (const replacement of replacements) {
    push(result, { retain: replacement.at - at })
    push(result, { insert: replacement.insert })
    push(result, { delete: replacement.remove })
    at = replacement.at + replacement.remove
  }
  return result
}

/**
 * Splits off what may happen now: `ready` is for the text as it is, `waiting` for the text once `ready` has happened.
 */
export function splitReplacements(
  replacements: readonly Replacement[],
  isReady: (replacement: Replacement) => boolean,
): { readonly ready: Replacement[]; readonly waiting: Replacement[] } {
  const ready: Replacement[] = []
  const waiting: Replacement[] = []
  let shift = 0
  for (const replacement of replacements) {
    if (isReady(replacement)) {
      ready.push(replacement)
      shift += replacement.insert.length - replacement.remove
    } else waiting.push({ ...replacement, at: replacement.at + shift })
  }
  return { ready, waiting }
}

/**
 * Where a place is after the replacements. `stays: 'before'` keeps it in front of text inserted exactly there,
 * `'after'` puts it behind. A place inside removed text falls to where that text was.
 */
export function mapOffset(
  offset: number,
  replacements: readonly Replacement[],
  stays: 'before' | 'after',
): number {
  let shift = 0
  for (const { at, remove, insert } of replacements) {
    if (at > offset || (at === offset && stays === 'before')) break
    if (offset < at + remove) return at + shift + (stays === 'after' ? insert.length : 0)
    shift += insert.length - remove
  }
  return offset + shift
}

/** The smallest single replacement that turns `from` into `to`, never between the halves of a surrogate pair. */
export function replacementBetween(from: string, to: string): Replacement | undefined {
  if (from === to) return undefined
  const shortest = Math.min(from.length, to.length)
  let start = 0
  while (start < shortest && from.charCodeAt(start) === to.charCodeAt(start)) start++
  if (start > 0 && isHighSurrogate(from.charCodeAt(start - 1))) start--
  let end = 0
  while (
    end < shortest - start &&
    from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)
  )
    end++
  if (end > 0 && isLowSurrogate(from.charCodeAt(from.length - end))) end--
  return { at: start, remove: from.length - start - end, insert: to.slice(start, to.length - end) }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}

function push(ops: TextOp[], op: TextOp): void {
  const last = ops[ops.length - 1]
  if ('retain' in op) {
    if (op.retain === 0) return
    if (last && 'retain' in last) ops[ops.length - 1] = { retain: last.retain + op.retain }
    else ops.push(op)
  } else if ('insert' in op) {
    if (op.insert === '') return
    if (last && 'insert' in last) ops[ops.length - 1] = { insert: last.insert + op.insert }
    else ops.push(op)
  } else if (op.delete > 0) {
    if (last && 'delete' in last) ops[ops.length - 1] = { delete: last.delete + op.delete }
    else ops.push(op)
  }
}

/** Reads ops in pieces; past the end it answers an endless retain. */
class OpReader {
  private readonly ops: readonly TextOp[]
  private index = 0
  private offset = 0

  constructor(ops: readonly TextOp[]) {
    this.ops = ops
  }

  get done(): boolean {
    return this.index >= this.ops.length
  }

  /** Characters left of the current op. */
  get length(): number {
    const op = this.ops[this.index]
    return op ? opLength(op) - this.offset : Number.POSITIVE_INFINITY
  }

  peek(): TextOp {
    return this.read(this.length)
  }

  take(length: number): TextOp {
    const op = this.read(length)
    if (length === this.length) {
      this.index++
      this.offset = 0
    } else this.offset += length
    return op
  }

  private read(length: number): TextOp {
    const op = this.ops[this.index]
    if (!op || 'retain' in op) return { retain: length }
    if ('delete' in op) return { delete: length }
    return { insert: op.insert.slice(this.offset, this.offset + length) }
  }
}

function opLength(op: TextOp): number {
  if ('retain' in op) return op.retain
  return 'insert' in op ? op.insert.length : op.delete
}
