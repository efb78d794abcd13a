import * as Y from 'yjs'
import type { TextRun } from '../protocol/text-run.ts'
import { textOf } from './document-text.ts'

/** All that was ever written in a document, in its order. The document must keep deleted text. */
export function runsOf(doc: Y.Doc): TextRun[] {
  const runs: TextRun[] = []
  for (let item = textOf(doc)._start; item !== null; item = item.right) {
    if (!(item.content instanceof Y.ContentString)) continue
    const { client, clock } = item.id
    const { deleted } = item
    const text = item.content.str
    const last = runs.at(-1)
    if (
      last &&
      last.client === client &&
      last.clock + last.text.length === clock &&
      last.deleted === deleted
    ) {
      runs[runs.length - 1] = { ...last, text: last.text + text }
    } else runs.push({ client, clock, text, deleted })
  }
  return runs
}
