import type { ModelFailure } from '../../../core/protocol/model.ts'
import { failureOf, modelFailure } from '../failures.ts'
import { numberAt, objectAt, parseJson, textAt } from '../json.ts'
import type { ConnectionLoss } from '../network-failures.ts'
import { failureOfLoss } from '../network-failures.ts'
import { type Headers, retryAfterOf } from '../retry-after.ts'

/** An `error` event, a `response.failed`, or the body of an HTTP error. */
export function failureOfError(
  frame: unknown,
  context: { readonly status?: number | undefined; readonly headers?: Headers; readonly nowMs: number },
): ModelFailure {
  const error = objectAt(frame, 'error') ?? frame
  const headers = { ...context.headers, ...textFields(frame), ...textFields(error) }
  const resetsIn = numberAt(error, 'resets_in_seconds')
  return failureOf({
    status: numberAt(frame, 'status') ?? context.status,
    codes: [textAt(error, 'code'), textAt(error, 'type')],
    message: textAt(error, 'message') ?? textAt(frame, 'error') ?? '',
    retryAfterMs: resetsIn === undefined ? retryAfterOf(headers, context.nowMs) : resetsIn * 1000,
  })
}

/** `response.incomplete`. */
export function failureOfIncomplete(reason: string): ModelFailure {
  if (reason === 'max_output_tokens' || reason === 'max_tokens') {
    return modelFailure('outputLimit', 'The answer reached the most tokens it may have.')
  }
  if (reason === 'content_filter') return modelFailure('refused', 'The backend filtered the answer.')
  return modelFailure('cut', `The backend ended the answer early (${reason}).`)
}

export function failureOfConnection(loss: ConnectionLoss, nowMs: number): ModelFailure {
  if (loss.type !== 'refused') return failureOfLoss(loss)
  const { status, headers, body } = loss
  const parsed = parseJson(body)
  if (status === 200) return modelFailure('malformed', `The backend sent no stream: ${body}`)
  if (parsed === undefined && status === 404)
    return modelFailure('noBackend', 'There is no such API at this address (404).')
  const message = { message: body.startsWith('<') ? `Status ${status}` : body }
  return failureOfError(parsed ?? message, { status, headers, nowMs })
}

/** The `headers` of an error event. */
function textFields(value: unknown): Headers {
  const fields: Record<string, string> = {}
  for (const [name, field] of Object.entries(objectAt(value, 'headers') ?? {})) {
    if (typeof field === 'string' || typeof field === 'number') fields[name.toLowerCase()] = String(field)
  }
  return fields
}
