import type { ModelItem, ModelRequest } from '../../../core/engine/model-stream.ts'

interface Link {
  readonly id: string
  readonly stablePart: string
  readonly input: readonly ModelItem[]
  readonly output: readonly ModelItem[]
  /** Words the server puts before the next request by itself. */
  readonly kept: readonly ModelItem[]
}

/**
 * What the server at the other end of one connection remembers: the latest response, the input it was given
 * and the output it gave. A request that only adds to these is sent as an addition.
 */
export class ResponseChain {
  #latest: Link | undefined

  /** From a summary of the API's own on it goes by that and what followed. */
  remember(link: Link): void {
    const at = link.output.findLastIndex(compacts)
    this.#latest = at < 0 ? link : { ...link, input: [], output: link.output.slice(at) }
  }

  forget(): void {
    this.#latest = undefined
  }

  /** The id to continue from and the items the server has not seen; `undefined` when all must be sent. */
  continuation(
    request: ModelRequest,
    stablePart: string,
  ): { readonly id: string; readonly input: readonly ModelItem[] } | undefined {
    const latest = this.#latest
    if (!latest || latest.stablePart !== stablePart || request.input.length < latest.input.length)
      return undefined
    for (const [index, item] of latest.input.entries()) {
      const other = request.input[index]
      if (!other || !sameItem(item, other)) return undefined
    }
    const fresh: ModelItem[] = []
    let seen = 0
    for (const item of request.input.slice(latest.input.length)) {
      const expected = latest.output[seen]
      if (expected && sameItem(item, expected)) seen += 1
      // A result may stand right behind its call although another call of the same answer follows.
      else if (!expected || item.type === 'toolResult') fresh.push(item)
      else return undefined
    }
    if (seen < latest.output.length) return undefined
    for (const item of latest.kept) {
      const place = fresh.findIndex((other) => sameItem(item, other))
      // It would be said although it is not asked any more.
      if (place < 0) return undefined
      fresh.splice(place, 1)
    }
    return { id: latest.id, input: fresh }
  }

  /** Whether the server has all of the request already, or what it has is its beginning. */
  covers(request: ModelRequest, stablePart: string): boolean {
    const latest = this.#latest
    if (!latest || latest.stablePart !== stablePart) return false
    if (this.continuation(request, stablePart)) return true
    const known = [...latest.input, ...latest.output]
    return request.input.every((item, index) => {
      const other = known[index]
      return other !== undefined && sameItem(item, other)
    })
  }
}

function compacts(item: ModelItem): boolean {
  return item.type === 'opaque' && /^\{[^{]*"type":"compaction"/.test(item.data)
}

function sameItem(a: ModelItem, b: ModelItem): boolean {
  if (a === b) return true
  switch (a.type) {
    case 'message':
      return b.type === 'message' && a.role === b.role && a.text === b.text
    case 'toolCall':
      return b.type === 'toolCall' && a.callId === b.callId && a.name === b.name && a.input === b.input
    case 'toolResult':
      return b.type === 'toolResult' && a.callId === b.callId && a.output === b.output
    case 'opaque':
      return b.type === 'opaque' && a.data === b.data
  }
}
