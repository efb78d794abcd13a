import { z } from 'zod'
import {
  eventFrameSchema,
  lagFrameSchema,
  responseFrameSchema,
  type ServerFrame,
} from '../../core/protocol/envelope.ts'

const head = z.object({ id: z.number().optional(), lagging: z.unknown().optional() })

/**
 * The frames of one message, which is a frame or a list of them. What is no frame of this protocol is left out,
 * among it events that a newer server invented.
 */
export function parseServerFrames(text: string): readonly ServerFrame[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return []
  }
  const list: readonly unknown[] = Array.isArray(json) ? json : [json]
  return list.flatMap((entry) => parseFrame(entry) ?? [])
}

function parseFrame(json: unknown): ServerFrame | undefined {
  const kind = head.safeParse(json).data
  if (!kind) return undefined
  if (kind.id !== undefined) return responseFrameSchema.safeParse(json).data
  if (kind.lagging !== undefined) return lagFrameSchema.safeParse(json).data
  return eventFrameSchema.safeParse(json).data
}
