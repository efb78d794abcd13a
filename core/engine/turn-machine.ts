import { assert, assertNever } from '../lib/assert-never.ts'
import type { Random } from '../lib/random.ts'
import { limits } from '../protocol/limits.ts'
import type { ModelFailure } from '../protocol/model.ts'
import { afterItems } from '../state/items.ts'
import { isSaid, waitingSteers } from '../state/steers.ts'
import { Draft } from './draft.ts'
import { notePassedOver, switchModel } from './failover.ts'
import { closeText, onModelEvent } from './model-events.ts'
import { buildRequest } from './prompt.ts'
import { recover } from './recovery.ts'
import { acceptSteer, applySteers, giveSteers, returnSteers } from './steers.ts'
import type { ActiveTurn, EngineInput, EngineState, ModelChoice, Prompt, Step, Stop } from './turn-state.ts'

/**
 * The whole of a turn as one pure function: what happened goes in, what is now true (events) and what shall be
 * done (effects) come out. Inputs that no longer fit, such as events of an aborted call, change nothing.
 */
export function step(state: EngineState, input: EngineInput, random: Random): Step {
  const draft = new Draft(state)
  switch (input.type) {
    case 'start':
      start(draft, input)
      break
    case 'resume':
      resume(draft, input)
      break
    case 'restart':
      restart(draft, input)
      break
    case 'recovered':
      recover(draft, input.at)
      break
    case 'fact':
      draft.emit(input.event)
      break
    default:
      if (draft.active) whileActive(draft, input, random)
  }
  return draft.done()
}

function whileActive(
  draft: Draft,
  input: Exclude<EngineInput, { type: 'start' | 'resume' | 'restart' | 'recovered' | 'fact' }>,
  random: Random,
): void {
  switch (input.type) {
    case 'model': {
      const { call, phase } = draft.turn
      if (input.call !== call || phase === 'stopping') return
      const end = onModelEvent(draft, input.event, random, input.at)
      if (end === 'completed') afterResponse(draft, input.at)
      else if (end === 'again') goOn(draft)
      else if (end === 'cutShort') goOnLonger(draft, input.at)
      else if (end) stop(draft, { next: 'failed', failure: end }, input.at)
      return
    }
    case 'toolSettled': {
      const open = draft.turn.calls.find(({ callId }) => callId === input.callId)
      if (!open) return
      const item = draft.item(open.itemId)
      assert(item?.type === 'toolCall', 'a tool result belongs to a toolCall item')
      draft.complete({ ...item, status: input.status, output: input.output })
      settleCall(draft, input.callId, input.status === 'failed', input.at)
      return
    }
    case 'editSettled': {
      const open = draft.turn.calls.find(({ callId }) => callId === input.callId)
      if (!open) return
      const item = draft.item(open.itemId)
      assert(item?.type === 'fileChange', 'an edit outcome belongs to a fileChange item')
      const status = !open.complete ? 'interrupted' : input.outcome.ok ? 'completed' : 'failed'
      const cutBy = status === 'interrupted' && draft.turn.cutShort ? ({ cutBy: 'length' } as const) : {}
      const came = input.input === undefined ? {} : { input: input.input }
      draft.complete({ ...item, status, output: input.outcome.message, ...cutBy, ...came })
      settleCall(draft, input.callId, !input.outcome.ok, input.at)
      return
    }
    case 'interrupt':
      if (draft.turn.stop?.next !== 'failed') stop(draft, { next: 'interrupted' }, input.at)
      return
    case 'redirect':
      applySteers(draft, input.steers)
      addPrompt(draft, input.prompt, 'redirect', input.at)
      stop(draft, { next: 'redirect' }, input.at)
      return
    case 'steer':
      acceptSteer(draft, input)
      return
    case 'steersPrepared': {
      const { turnId, call, phase, given } = draft.turn
      if (input.turnId !== turnId || input.call !== call) return
      if (input.joins === 'response') {
        if (phase === 'streaming') giveSteers(draft, input.attachments)
        return
      }
      if (phase !== 'preparing') return
      applySteers(draft, { ...given, ...input.attachments })
      callModel(draft)
      return
    }
    case 'switchModel':
      if (switchModel(draft, input)) goOn(draft)
      return
    case 'retryDue':
      if (draft.turn.phase === 'waiting' && input.call === draft.turn.call) {
        draft.emit({ type: 'turn/resumed', turnId: draft.turn.turnId, at: input.at })
        goOn(draft)
      }
      return
    default:
      assertNever(input, 'engine input')
  }
}

function start(draft: Draft, input: Extract<EngineInput, { type: 'start' }>): void {
  assert(!draft.active, 'one turn at a time')
  const { turnId, queueId, rewindId, choice, planner, guidance, at } = input
  const { model, fallbacks } = planner ?? choice
  const { mode } = draft.thread
  const from = { ...(queueId !== undefined && { queueId }), ...(rewindId !== undefined && { rewindId }) }
  const plans = planner && ({ plans: true } as const)
  draft.emit({ type: 'turn/started', turnId, ...from, modelId: model.id, mode, at, ...plans })
  const writer = planner && choice
  draft.active = { ...idle, turnId, model, fallbacks, writer, guidance, nextItem: 0, request: 0, call: 0 }
  notePassedOver(draft, planner ?? choice)
  addPrompt(draft, input.prompt, 'prompt', at)
  nextRequest(draft)
}

function resume(draft: Draft, input: Extract<EngineInput, { type: 'resume' }>): void {
  const turn = draft.thread.turns.at(-1)
  if (draft.active || turn?.id !== input.turnId || turn.status === 'completed') return
  const { choice, planner, guidance, at } = input
  const { model, fallbacks } = planner ?? choice
  const request = turn.items.reduce(
    (most, item) => Math.max(most, 'request' in item ? item.request + 1 : 0),
    0,
  )
  draft.emit({ type: 'turn/resumed', turnId: turn.id, at })
  const nextItem = afterItems(turn.items)
  const writer = planner && choice
  draft.active = { ...idle, turnId: turn.id, model, fallbacks, writer, guidance, nextItem, request, call: 0 }
  notePassedOver(draft, planner ?? choice)
  nextRequest(draft)
}

function restart(draft: Draft, input: Extract<EngineInput, { type: 'restart' }>): void {
  const turn = draft.thread.turns.at(-1)
  if (draft.active || turn?.id !== input.turnId) return
  const { turnId, request, attempt, choice, guidance, at } = input
  const { model, fallbacks } = choice
  draft.emit({ type: 'turn/stepRestarted', turnId, request, attempt, at })
  const nextItem = afterItems(turn.items)
  draft.active = { ...idle, turnId, model, fallbacks, guidance, nextItem, request, call: 0 }
  notePassedOver(draft, choice)
  nextRequest(draft)
}

const idle = {
  phase: 'streaming',
  writer: undefined,
  attempts: 0,
  silenceMs: 0,
  shown: false,
  text: undefined,
  reasoning: undefined,
  calls: [],
  settledCalls: 0,
  failedCalls: 0,
  grown: false,
  cutShort: false,
  repeated: { key: '', times: 0 },
  stop: undefined,
  given: {},
} as const satisfies Partial<ActiveTurn>

function addPrompt(draft: Draft, prompt: Prompt, kind: 'prompt' | 'redirect', at: number): void {
  for (const text of prompt.attachments) draft.start({ type: 'context', id: draft.newItemId(), text })
  const { text, context, guest } = prompt
  const by = guest && { guest }
  draft.start({ type: 'userMessage', id: draft.newItemId(), kind, text, context, ...by, at })
}

/** A new request, as opposed to another attempt at the present one. */
function nextRequest(draft: Draft): void {
  const request = draft.turn.request + 1
  const silenceMs = limits.failoverMs / Math.max(1, draft.turn.fallbacks.length)
  draft.patch({ request, attempts: 0, silenceMs, settledCalls: 0, failedCalls: 0, calls: [] })
  goOn(draft)
}

/** Calls the model, with what waits to be said: every request is a boundary at which steers join. */
function goOn(draft: Draft): void {
  const { turnId, call, given } = draft.turn
  const waiting = waitingSteers(draft.thread.turns.at(-1))
  // What comes after them is another answer.
  if (waiting.length > 0) closeText(draft, 'completed')
  const steers = waiting.filter(({ itemId }) => !given[itemId])
  if (steers.length === 0) {
    applySteers(draft, given)
    return callModel(draft)
  }
  draft.patch({ phase: 'preparing' })
  draft.effect({ type: 'prepareSteers', joins: 'request', turnId, call, steers })
}

function callModel(draft: Draft): void {
  const { model, guidance, fallbacks, silenceMs, grown, cutShort, writer } = draft.turn
  const call = draft.turn.call + 1
  // An answer that was cut short is one text to people.
  const text = cutShort ? draft.turn.text : undefined
  draft.patch({ phase: 'streaming', call, shown: false, text, reasoning: undefined, given: {} })
  const request = buildRequest({ thread: draft.thread, model, guidance, grown, plans: writer !== undefined })
  draft.effect({ type: 'callModel', call, request, ...(fallbacks.length > 0 && { silenceMs }) })
}

/** The response is whole: wait for its calls, go on with their results, or be done. */
function afterResponse(draft: Draft, at: number): void {
  closeText(draft, 'completed')
  draft.patch({ phase: 'tools', cutShort: false })
  cutOpenCalls(draft)
  whenSettled(draft, at)
}

/** The response came to the end of what was asked for it: what stands is kept, and the rest is asked for. */
function goOnLonger(draft: Draft, at: number): void {
  const { reasoning } = draft.turn
  const thought = reasoning && draft.item(reasoning.id)
  if (thought && 'status' in thought) draft.complete({ ...thought, status: 'completed' })
  draft.patch({ phase: 'tools', grown: true, cutShort: true, reasoning: undefined })
  cutOpenCalls(draft, { placed: true })
  whenSettled(draft, at)
}

function cutOpenCalls(draft: Draft, how: { readonly placed?: true } = {}): void {
  // A call whose input never ended is as good as cut off.
  for (const { callId, itemId, kind, complete } of draft.turn.calls) {
    if (complete) continue
    if (kind === 'edit') draft.effect({ type: 'cutEdit', callId, ...how })
    else {
      draft.emit({ type: 'item/statusChanged', turnId: draft.turn.turnId, itemId, status: 'interrupted' })
      countSettled(draft, callId, { failed: true })
    }
  }
}

function settleCall(draft: Draft, callId: string, failed: boolean, at: number): void {
  countSettled(draft, callId, { failed })
  whenSettled(draft, at)
}

function countSettled(draft: Draft, callId: string, { failed }: { readonly failed: boolean }): void {
  const { calls, settledCalls, failedCalls } = draft.turn
  draft.patch({
    calls: calls.filter((call) => call.callId !== callId),
    settledCalls: settledCalls + 1,
    failedCalls: failedCalls + (failed ? 1 : 0),
  })
}

function whenSettled(draft: Draft, at: number): void {
  const { calls, phase, stop: stopping, model, settledCalls, failedCalls, request, cutShort } = draft.turn
  if (calls.length > 0) return
  if (stopping) {
    afterStop(draft, at, stopping)
    return
  }
  if (phase !== 'tools') return
  // A model without tools has said what it wanted in its answer; only what did not fit goes back to it.
  const isEnough = model.tools === 'none' || isInPlace(draft) ? failedCalls === 0 : settledCalls === 0
  const answered = isEnough && !cutShort
  const isAsked = waitingSteers(draft.thread.turns.at(-1)).length > 0
  if (answered && draft.turn.writer) handOver(draft, draft.turn.writer)
  else if (answered && !isAsked) settle(draft, 'completed', at)
  else if (!answered && request >= mostRequests(draft)) stop(draft, { next: 'failed', failure: toolLoop }, at)
  else nextRequest(draft)
}

/** The plan is there: the other model writes by it. */
function handOver(draft: Draft, writer: ModelChoice): void {
  const { turnId, request } = draft.turn
  const { model, fallbacks } = writer
  draft.patch({ model, fallbacks, writer: undefined, grown: false })
  draft.emit({ type: 'turn/planned', turnId, modelId: model.id, requests: request })
  notePassedOver(draft, writer)
  nextRequest(draft)
}

/** A job's budget bounds it much sooner. */
function mostRequests({ thread }: Draft): number {
  return thread.mode === 'background' ? limits.jobRequests : limits.turnRequests
}

/** The response was nothing but an edit in place: once it fits nobody waits for words about it. */
function isInPlace({ thread, turn }: Draft): boolean {
  const items = thread.turns.at(-1)?.items ?? []
  const asked = items.findLast(isSaid)
  const looked = items.some((item) => item.type === 'toolCall' && item.request === turn.request - 1)
  return asked?.context?.inline !== undefined && !looked
}

const toolLoop: ModelFailure = {
  code: 'toolLoop',
  detail: 'The model kept calling tools without coming to an end.',
  retriable: false,
}

/** Cuts the model and takes back what is half-written; `whenSettled` goes on when the last open edit has settled. */
function stop(draft: Draft, reason: Stop, at: number): void {
  const { call, calls, phase } = draft.turn
  if (phase === 'streaming') draft.effect({ type: 'abortModel', call })
  if (phase === 'waiting') draft.effect({ type: 'cancelRetry' })
  closeText(draft, 'interrupted')
  const tools = calls.filter(({ kind }) => kind === 'tool')
  if (tools.length > 0) draft.effect({ type: 'abortTools' })
  for (const { itemId } of tools) {
    draft.emit({ type: 'item/statusChanged', turnId: draft.turn.turnId, itemId, status: 'interrupted' })
  }
  // What came before a failure is kept; what a person stops before it was seen in its file is not.
  const how = reason.next === 'failed' && ({ placed: true } as const)
  for (const { callId, kind, complete } of calls) {
    if (kind === 'edit' && !complete && phase === 'streaming')
      draft.effect({ type: 'cutEdit', callId, ...how })
  }
  draft.patch({ phase: 'stopping', stop: reason, calls: calls.filter(({ kind }) => kind === 'edit') })
  whenSettled(draft, at)
}

function afterStop(draft: Draft, at: number, reason: Stop): void {
  if (reason.next === 'redirect') {
    draft.patch({ stop: undefined })
    nextRequest(draft)
  } else settle(draft, reason.next, at, reason.next === 'failed' ? reason.failure : undefined)
}

function settle(
  draft: Draft,
  status: 'completed' | 'interrupted' | 'failed',
  at: number,
  failure?: ModelFailure,
): void {
  const turn = draft.thread.turns.at(-1)
  if (turn) returnSteers(draft, turn)
  draft.emit({ type: 'turn/settled', turnId: draft.turn.turnId, status, at, ...(failure && { failure }) })
  draft.active = undefined
}
