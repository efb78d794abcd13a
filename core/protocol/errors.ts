import { z } from 'zod'

/** Every error a request can meet. `retriable`: the same request may succeed later without a change. */
export const errorCodes = {
  badFrame: { retriable: false },
  badParams: { retriable: false },
  unknownMethod: { retriable: false },
  protocolMismatch: { retriable: false },
  notOpened: { retriable: false },
  forbidden: { retriable: false },
  notFound: { retriable: false },
  pathDenied: { retriable: false },
  conflict: { retriable: false },
  tooLarge: { retriable: false },
  notText: { retriable: false },
  busy: { retriable: true },
  overloaded: { retriable: true },
  storageFailed: { retriable: true },
  internal: { retriable: false },
} as const satisfies Record<string, { retriable: boolean }>

export type ErrorCode = keyof typeof errorCodes

export const wireErrorSchema = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  /** What happened and what to do, in English, for logs and scripts; the browser words `code` in the user's language. */
  message: z.string(),
  retriable: z.boolean(),
})
export type WireError = z.infer<typeof wireErrorSchema>

/** An expected failure of a request. Handlers throw it, the router turns it into a response. */
export class RequestError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = 'RequestError'
    this.code = code
  }
}

/** WebSocket close codes of the relay, 4000 + the nearest HTTP status. */
export const closeCodes = {
  badFrame: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  lagging: 4408,
  /** The link a guest came by was withdrawn or has expired. */
  linkEnded: 4410,
  protocolMismatch: 4426,
  shuttingDown: 4503,
} as const
