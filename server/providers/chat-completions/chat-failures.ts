import type { ModelFailure } from '../../../core/protocol/model.ts'
import { failureOf, modelFailure } from '../failures.ts'
import { numberAt, objectAt, parseJson, textAt } from '../json.ts'
import { type ConnectionLoss, failureOfLoss } from '../network-failures.ts'
import { type Headers, retryAfterOf } from '../retry-after.ts'

/** An error chunk within the stream or an error body: below `error`, at the top, or a bare sentence. */
export function failureOfChatError(
  body: unknown,
  context: { readonly status?: number | undefined; readonly headers: Headers; readonly nowMs: number },
): ModelFailure {
  const error = objectAt(body, 'error') ?? body
  const codeNumber = numberAt(error, 'code')
  return failureOf({
    status: numberAt(body, 'status_code') ?? codeNumber ?? context.status,
    codes: [textAt(error, 'code'), textAt(error, 'type')],
    message: textAt(error, 'message') ?? textAt(body, 'error') ?? textAt(body, 'detail') ?? '',
    retryAfterMs: retryAfterOf(context.headers, context.nowMs),
  })
}

/** Whether a chunk is an error: Cerebras puts it below `error` or at the top. */
export function isErrorChunk(chunk: unknown): boolean {
  return (
    objectAt(chunk, 'error') !== undefined ||
    textAt(chunk, 'error') !== undefined ||
    (textAt(chunk, 'message') !== undefined && textAt(chunk, 'type') !== undefined)
  )
}

export function failureOfChatConnection(loss: ConnectionLoss, nowMs: number): ModelFailure {
  if (loss.type !== 'refused') return failureOfLoss(loss)
  const { status, headers, body } = loss
  const parsed = parseJson(body)
  if (status === 200 && !isErrorChunk(parsed))
    return modelFailure('malformed', `The backend sent no stream: ${body}`)
  if (parsed === undefined && status === 404)
    return modelFailure('noBackend', 'There is no such API at this address (404).')
  const words = { message: body.startsWith('<') ? `Status ${status}` : body }
  return failureOfChatError(parsed ?? words, { status, headers, nowMs })
}
