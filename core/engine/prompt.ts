import type { Compaction } from '../protocol/compaction.ts'
import type { ModelDescription } from '../protocol/model.ts'
import type { ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'
import { splitTurns } from '../state/compaction.ts'
import { isGuestTurn, sharedPaths } from '../state/guest-view.ts'
import { instructions } from './instructions.ts'
import type { ModelRequest } from './model-stream.ts'
import { largestOutput, outputTokens } from './output-size.ts'
import { type Entry, messageEntry, type RenderedTurn, renderTurn } from './render-turn.ts'
import { toolSpecs } from './tool-specs.ts'

/** A request as a thread has it, before it is made to fit; `input` is all of it. */
export interface ThreadRequest extends ModelRequest {
  /** What stands for turns that are summarised: the summary and what is pinned in them. */
  readonly head: readonly Entry[]
  readonly turns: readonly RenderedTurn[]
  readonly pins: ReadonlySet<string>
  /** Kept free for the answer: the longest it may become, of which `maxOutputTokens` is asked for now. */
  readonly reserve: number
}

/** The next request of a thread: everything the model was shown and wrote, in the form this model takes. */
export function buildRequest(options: {
  readonly thread: ThreadState
  readonly model: ModelDescription
  readonly guidance: string | undefined
  /** The answer so far grew longer than was asked for: all there is may be used. */
  readonly grown?: boolean
  /** The model plans what another will write. */
  readonly plans?: boolean
}): ThreadRequest {
  const { thread, model, guidance, grown = false, plans = false } = options
  const mode = plans ? 'plan' : thread.mode
  const reserve = largestOutput(model)
  const { compaction, covered, turns: whole } = splitTurns(thread)
  const pins = new Set<string>(thread.pins)
  const before = compaction ? [summaryEntry(compaction, model), ...pinnedIn(covered, model, pins)] : []
  const { head, turns } = afterCompaction(
    before,
    whole.map((turn) => renderTurn(turn, model)),
    pins,
  )
  const last = turns.at(-1)
  const end = last?.entries.at(-1)?.item
  // Only a turn that is resumed ends so; a request made ahead of the next prompt must stay its beginning.
  const present = thread.turns.at(-1)
  const isRunning = present?.status === 'running'
  if (last && isRunning && end?.type === 'message' && end.role === 'assistant') {
    turns[turns.length - 1] = { ...last, entries: [...last.entries, grown ? goOnWriting : goOn] }
  }
  return {
    model: model.id.slice(model.providerId.length + 1),
    instructions: instructions({ mode, part: thread.part, model, guidance }),
    tools: toolSpecs(model, { ...thread, mode }),
    input: [...head, ...turns.flatMap(({ entries }) => entries)].map(({ item }) => item),
    maxOutputTokens: grown || plans ? reserve : outputTokens(thread, model),
    ...(present && isGuestTurn(present) && { onlyPaths: [...sharedPaths(thread)] }),
    ...(model.compactsItself && { compactAt: Math.floor((model.contextWindow - reserve) * compactShare) }),
    cacheKey: thread.id,
    head,
    turns,
    pins,
    reserve,
  }
}

/** Of what may be sent, when the API is to condense it. */
const compactShare = 2 / 3

const goOn = messageEntry('note', 'user', 'Go on from where you stopped.')
const goOnWriting = messageEntry(
  'note',
  'user',
  'Your answer reached its length limit. Go on exactly where it ends, in the middle of the word if it ends there. Repeat nothing and say nothing about the limit; an edit that was cut off begins anew.',
)

/** Where the API condensed the conversation itself, that is sent with what is pinned in it and what followed. */
function afterCompaction(
  head: readonly Entry[],
  turns: readonly RenderedTurn[],
  pins: ReadonlySet<string>,
): { readonly head: readonly Entry[]; readonly turns: RenderedTurn[] } {
  const last = turns.findLastIndex(({ entries }) => entries.some(({ compacts }) => compacts))
  const turn = turns[last]
  if (!turn) return { head, turns: [...turns] }
  const at = turn.entries.findLastIndex(({ compacts }) => compacts)
  const earlier = [...turns.slice(0, last), { ...turn, entries: turn.entries.slice(0, at) }]
  const pinned = earlier.flatMap((one) => pinnedEntries(one, pins))
  return {
    head: [...turn.entries.slice(at, at + 1), ...pinned],
    turns: [{ ...turn, entries: turn.entries.slice(at + 1) }, ...turns.slice(last + 1)],
  }
}

function summaryEntry({ summary, sealed, modelId }: Compaction, model: ModelDescription): Entry {
  if (sealed !== undefined && modelId === model.id) {
    return { kind: 'sealed', item: { type: 'opaque', data: sealed } }
  }
  const text = `<earlier-turns>\nThe conversation began earlier. This is a summary of it; files may have changed since.\n\n${summary}\n</earlier-turns>`
  return messageEntry('note', 'user', text)
}

/** Pinned messages of turns that are not sent themselves. */
function pinnedIn(
  turns: readonly Turn[],
  model: ModelDescription,
  pins: ReadonlySet<string>,
): readonly Entry[] {
  if (pins.size === 0) return []
  return turns.flatMap((turn) => pinnedEntries(renderTurn(turn, model), pins))
}

/** As it was said. */
export function pinnedEntries({ entries }: RenderedTurn, pins: ReadonlySet<string>): readonly Entry[] {
  return entries.filter(({ itemId }) => itemId !== undefined && pins.has(itemId))
}
