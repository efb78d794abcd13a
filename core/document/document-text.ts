import * as Y from 'yjs'
import { documentTextName } from './frames.ts'

/** A replica that keeps deleted text, so that it can come back exactly. */
export function createDocument(clientId: number): Y.Doc {
  const doc = new Y.Doc({ gc: false })
  doc.clientID = clientId
  return doc
}

/** The one text of a document; its line ends are `\n`. */
export function textOf(doc: Y.Doc): Y.Text {
  return doc.getText(documentTextName)
}
