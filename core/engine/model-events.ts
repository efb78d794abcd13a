import { assert, assertNever } from '../lib/assert-never.ts'
import type { Random } from '../lib/random.ts'
import type { ItemStatus } from '../protocol/item.ts'
import { limits } from '../protocol/limits.ts'
import type { ModelFailure } from '../protocol/model.ts'
import type { Draft } from './draft.ts'
import { moveOn } from './failover.ts'
import type { ModelEvent } from './model-stream.ts'
import { largestOutput, outputTokens } from './output-size.ts'
import { retryDelay } from './retry.ts'
import { keepForNext, takeUpSteers } from './steers.ts'
import { editToolName, mayWrite } from './tool-specs.ts'
import type { OpenCall } from './turn-state.ts'

/**
 * Takes one event of the running call. Answers `completed` or the failure when the response is over for good, `again`
 * when another model shall be asked at once, and `cutShort` when more was to be said than was asked for.
 */
export function onModelEvent(
  draft: Draft,
  event: ModelEvent,
  random: Random,
  at: number,
): 'completed' | 'again' | 'cutShort' | ModelFailure | undefined {
  switch (event.type) {
    case 'sent':
    case 'heard':
    case 'quotas':
      return undefined
    case 'textDelta':
      appendText(draft, 'text', event.text)
      return undefined
    case 'reasoningDelta':
      appendText(draft, 'reasoning', event.text)
      return undefined
    case 'textCompleted':
      closeText(draft, 'completed')
      return undefined
    case 'opaque':
      draft.start({
        type: 'opaque',
        id: draft.newItemId(),
        request: draft.turn.request - 1,
        modelId: draft.turn.model.id,
        data: event.data,
        ...(event.compacts && { compacts: true }),
      })
      return undefined
    case 'toolCallStarted':
      startCall(draft, event)
      return undefined
    case 'toolCallDelta': {
      const open = findCall(draft, event.callId)
      if (open?.kind === 'edit') draft.effect({ type: 'feedEdit', callId: event.callId, delta: event.delta })
      return undefined
    }
    case 'toolCallCompleted':
      return completeCall(draft, event.callId, event.input)
    case 'steersApplied':
      closeText(draft, 'completed')
      takeUpSteers(draft, event.ids)
      return undefined
    case 'steerFailed':
      keepForNext(draft, event.id)
      return undefined
    case 'usage': {
      const { inputTokens, cachedTokens, outputTokens } = event.usage
      const before = draft.thread.turns.at(-1)?.usage
      // A turn costs what all its requests cost; the window holds what the last one filled.
      const usage = {
        inputTokens: (before?.inputTokens ?? 0) + inputTokens,
        cachedTokens: (before?.cachedTokens ?? 0) + cachedTokens,
        outputTokens: (before?.outputTokens ?? 0) + outputTokens,
      }
      const contextTokens = inputTokens + outputTokens
      draft.emit({ type: 'turn/usageReported', turnId: draft.turn.turnId, usage, contextTokens })
      return undefined
    }
    case 'completed':
      return 'completed'
    case 'failed':
      return fail(draft, event.failure, random, at)
    default:
      return assertNever(event, 'model event')
  }
}

/** Another model or another attempt, when nothing was shown yet and that may help; else the failure is final. */
function fail(
  draft: Draft,
  failure: ModelFailure,
  random: Random,
  at: number,
): 'again' | 'cutShort' | ModelFailure | undefined {
  const { model, grown, writer } = draft.turn
  // Who had them is gone.
  draft.patch({ given: {} })
  const isOurs = failure.code === 'outputLimit' && !grown && !writer
  if (isOurs && outputTokens(draft.thread, model) < largestOutput(model)) return 'cutShort'
  if (moveOn(draft, failure)) {
    draft.patch({ request: nextAttempt(draft) })
    return 'again'
  }
  const attempt = draft.turn.attempts + 1
  const delayMs = draft.turn.shown ? undefined : retryDelay(failure, attempt, random)
  if (delayMs === undefined) return failure
  const { turnId, call } = draft.turn
  draft.patch({ phase: 'waiting', attempts: attempt, request: nextAttempt(draft) })
  draft.emit({ type: 'turn/retrying', turnId, attempt, retryAt: at + delayMs, failure })
  draft.effect({ type: 'scheduleRetry', call, delayMs })
  return undefined
}

/** The request's number: what a failed attempt left unseen (reasoning) must not be taken for part of the next one. */
function nextAttempt({ thread, turn: { request } }: Draft): number {
  const items = thread.turns.at(-1)?.items ?? []
  return items.some((item) => 'request' in item && item.request === request - 1) ? request + 1 : request
}

function appendText(draft: Draft, kind: 'text' | 'reasoning', text: string): void {
  if (text === '') return
  const { turnId, request } = draft.turn
  let open = draft.turn[kind]
  if (!open) {
    closeText(draft, 'completed')
    open = { id: draft.newItemId(), length: 0 }
    const type = kind === 'text' ? 'agentMessage' : 'reasoning'
    draft.start({ type, id: open.id, request: request - 1, status: 'streaming', text: '' })
  }
  draft.emit({ type: 'item/delta', turnId, itemId: open.id, offset: open.length, text })
  const grown = { id: open.id, length: open.length + text.length }
  // A computed key here would cost each token as much as the fold of its text.
  draft.patch(kind === 'text' ? { shown: true, text: grown } : { shown: true, reasoning: grown })
}

/** Ends the text and the reasoning under way, if any. */
export function closeText(draft: Draft, status: ItemStatus): void {
  for (const open of [draft.turn.reasoning, draft.turn.text]) {
    const item = open && draft.item(open.id)
    if (item && 'status' in item) draft.complete({ ...item, status })
  }
  draft.patch({ text: undefined, reasoning: undefined })
}

function startCall(draft: Draft, event: Extract<ModelEvent, { type: 'toolCallStarted' }>): void {
  closeText(draft, 'completed')
  const { callId, name, format } = event
  const { thread, turn } = draft
  const id = draft.newItemId()
  const request = turn.request - 1
  const edit = name === editToolName && mayWrite(thread) && !turn.writer
  if (edit) {
    const itemFormat = turn.model.tools === 'none' ? 'blocks' : format
    draft.start({
      type: 'fileChange',
      id,
      request,
      status: 'streaming',
      callId,
      format: itemFormat,
      input: '',
      output: '',
      files: [],
    })
    draft.effect({
      type: 'beginEdit',
      callId,
      itemId: id,
      format: itemFormat === 'blocks' ? 'searchReplace' : 'applyPatch',
      json: format === 'json',
    })
  } else
    draft.start({ type: 'toolCall', id, request, status: 'streaming', callId, name, input: '', output: '' })
  const call: OpenCall = { callId, itemId: id, name, kind: edit ? 'edit' : 'tool', complete: false }
  draft.patch({ shown: true, calls: [...draft.turn.calls, call] })
}

function completeCall(draft: Draft, callId: string, input: string): ModelFailure | undefined {
  const open = findCall(draft, callId)
  if (!open || open.complete) return undefined
  const key = `${open.name}\n${input}`
  const times = key === draft.turn.repeated.key ? draft.turn.repeated.times + 1 : 1
  draft.patch({ repeated: { key, times } })
  if (times > limits.sameCalls) {
    const detail = `The model called ${open.name} with the same input ${times} times in a row.`
    return { code: 'toolLoop', detail, retriable: false }
  }
  draft.patch({ calls: draft.turn.calls.map((call) => (call === open ? { ...call, complete: true } : call)) })
  const item = draft.item(open.itemId)
  assert(item?.type === 'toolCall' || item?.type === 'fileChange', 'an open call has its item')
  draft.complete({ ...item, status: 'running', input })
  if (open.kind === 'edit') draft.effect({ type: 'finishEdit', callId })
  else draft.effect({ type: 'runTool', callId, name: open.name, input })
  return undefined
}

function findCall(draft: Draft, callId: string): OpenCall | undefined {
  return draft.turn.calls.find((call) => call.callId === callId)
}
