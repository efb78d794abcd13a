import type * as Y from 'yjs'
import { z } from 'zod'
import type { TextFormat } from './disk-text.ts'

/** What a document knows of itself beside its text; kept in the document, so in its journal too. */
export interface DocumentMeta {
  readonly incarnation: string
  /** Documents whose whole history it has, by their incarnations. */
  readonly formerly: readonly string[]
  /** For a file that has to be made anew. */
  readonly format: TextFormat
  readonly mode: number | undefined
}

/** A page holds a text from before so many moves at most. */
const formerlyAtMost = 20

const metaSchema = z.object({
  incarnation: z.string().min(1),
  formerly: z.array(z.string()).max(formerlyAtMost).optional(),
  eol: z.enum(['lf', 'crlf']),
  bom: z.boolean(),
  mode: z.number().int().optional(),
})

export function writeMeta(doc: Y.Doc, { incarnation, formerly, format, mode }: DocumentMeta): void {
  const map = doc.getMap('meta')
  map.set('incarnation', incarnation)
  const others = new Set(formerly.filter((other) => other !== incarnation))
  if (others.size > 0) map.set('formerly', [...others].slice(-formerlyAtMost))
  map.set('eol', format.eol)
  map.set('bom', format.bom)
  if (mode !== undefined) map.set('mode', mode)
}

/** A browser may have written there; what makes no sense is as if it were not there. */
export function readMeta(doc: Y.Doc): DocumentMeta | undefined {
  const meta = metaSchema.safeParse(doc.getMap('meta').toJSON())
  if (!meta.success) return undefined
  const { incarnation, formerly = [], eol, bom, mode } = meta.data
  return { incarnation, formerly, format: { eol, bom }, mode }
}
