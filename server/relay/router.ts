import { errorCodes, RequestError, type WireError } from '../../core/protocol/errors.ts'
import { type Method, methods, type Params, type ResultOf } from '../../core/protocol/methods.ts'
import type { CheckAccess } from '../access/access-check.ts'
import type { HandleRequest, RequestContext } from './session.ts'

export type Handlers = {
  readonly [M in Method]: (params: Params<M>, context: RequestContext) => Promise<ResultOf<M>> | ResultOf<M>
}

/** Method table to handlers: checks the parameters and the sender's rights at the door and turns failures into responses. */
export function createRouter(
  handlers: Handlers,
  check: CheckAccess,
  onBug: (error: unknown, method: string) => void,
): HandleRequest {
  async function run<M extends Method>(
    method: M,
    params: unknown,
    context: RequestContext,
  ): Promise<unknown> {
    const checked = methods[method].params.safeParse(params)
    if (!checked.success) {
      const issue = checked.error.issues[0]
      const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : ''
      throw new RequestError('badParams', `${method}: ${issue?.message ?? 'wrong parameters'}${where}`)
    }
    const { actor } = context.session
    if (actor.kind === 'guest') await check(actor, method, checked.data)
    // The table ties the schema to the handler's parameters; the compiler cannot follow that through a generic key.
    return handlers[method](checked.data as Params<M>, context)
  }

  return async (id, method, params, context) => {
    try {
      if (!isMethod(method))
        throw new RequestError('unknownMethod', `There is no method ${method.slice(0, 64)}.`)
      if (method !== 'session/open' && !context.session.opened) {
        throw new RequestError('notOpened', 'The first request of a session is session/open.')
      }
      return JSON.stringify({ id, result: await run(method, params, context) })
    } catch (error) {
      return JSON.stringify({ id, error: toWireError(error, method, onBug) })
    }
  }
}

function isMethod(method: string): method is Method {
  return Object.hasOwn(methods, method)
}

function toWireError(
  error: unknown,
  method: string,
  onBug: (error: unknown, method: string) => void,
): WireError {
  if (error instanceof RequestError) {
    return { code: error.code, message: error.message, retriable: errorCodes[error.code].retriable }
  }
  onBug(error, method)
  return { code: 'internal', message: 'The server met a bug; its log says more.', retriable: false }
}
