import {
  concernsProvider,
  type ModelDescription,
  type ModelFailure,
  type ModelFailureCode,
} from '../protocol/model.ts'
import type { Draft } from './draft.ts'
import type { ModelChoice } from './turn-state.ts'

/** What is wrong with the request, or was said about it, is so with any model. */
const helpsNowhere: ReadonlySet<ModelFailureCode> = new Set([
  'badRequest',
  'contextOverflow',
  'outputLimit',
  'refused',
  'serverRestarted',
  'toolLoop',
])

/** The next model of the tier takes the request over. False when there is none, or people saw an answer begin. */
export function moveOn(draft: Draft, failure: ModelFailure): boolean {
  const { turnId, model, shown } = draft.turn
  const isLate = ({ providerId }: ModelDescription) =>
    concernsProvider.has(failure.code) && providerId === model.providerId
  // Most likely it is the same with those; a key may be refused for one model only.
  const [others, late] = [
    draft.turn.fallbacks.filter((one) => !isLate(one)),
    draft.turn.fallbacks.filter(isLate),
  ]
  const [next, ...fallbacks] = [...others, ...late]
  if (!next || shown || helpsNowhere.has(failure.code)) return false
  draft.patch({ model: next, fallbacks, attempts: 0 })
  draft.emit({ type: 'turn/movedOn', turnId, from: model.id, to: next.id, failure })
  return true
}

/** A person does not want to wait. False when nothing waits any more. */
export function switchModel(
  draft: Draft,
  { choice, at }: { readonly choice: ModelChoice; readonly at: number },
): boolean {
  const { turnId, model, phase, call } = draft.turn
  const isInLine = phase === 'streaming' && draft.thread.turns.at(-1)?.waiting !== undefined
  if (phase === 'waiting') {
    draft.effect({ type: 'cancelRetry' })
    draft.emit({ type: 'turn/resumed', turnId, at })
  } else if (isInLine) draft.effect({ type: 'abortModel', call })
  else return false
  const { model: next, fallbacks } = choice
  draft.patch({ model: next, fallbacks, attempts: 0 })
  draft.emit({ type: 'turn/movedOn', turnId, from: model.id, to: next.id, failure: notWaitedFor })
  return true
}

const notWaitedFor: ModelFailure = {
  code: 'notWaitedFor',
  detail: 'A person chose another model instead of waiting.',
  retriable: true,
}

/** Says which models were not even asked. */
export function notePassedOver(draft: Draft, { model, passedOver }: ModelChoice): void {
  const { turnId } = draft.turn
  for (const { modelId, failure } of passedOver) {
    draft.emit({ type: 'turn/movedOn', turnId, from: modelId, to: model.id, failure })
  }
}
