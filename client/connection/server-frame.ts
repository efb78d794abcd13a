import { z } from 'zod'
import {
  eventFrameSchema,
  lagFrameSchema,
  responseFrameSchema,
  type ServerFrame,
} from '../../core/protocol/envelope.ts'

const head = z.object({ id: z.number().optional(), lagging: z.unknown().optional() })

/** `undefined` for text that is no frame of this protocol, among it events a newer server invented. */
export function parseServerFrame(text: string): ServerFrame | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const kind = head.safeParse(json).data
  if (!kind) return undefined
  if (kind.id !== undefined) return responseFrameSchema.safeParse(json).data
  if (kind.lagging !== undefined) return lagFrameSchema.safeParse(json).data
  return eventFrameSchema.safeParse(json).data
}
