import { encodeStateVector } from 'yjs'
import { encodeTimes } from '../../core/document/change-times.ts'
import { encodeDocumentFrame, parseDocumentFrame } from '../../core/document/frames.ts'
import { runsOf } from '../../core/document/text-runs.ts'
import { roleMay } from '../../core/protocol/access.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { roleOf } from '../access/actor.ts'
import type { DocumentLink, Documents } from '../documents/documents.ts'
import type { Handlers } from '../relay/router.ts'
import type { Session } from '../relay/session.ts'

/** Documents one session may have open at once. */
const openDocuments = 200

interface OpenLink {
  readonly link: DocumentLink
  readonly mayWrite: boolean
  /** The browser's highest update number that is durable. */
  acknowledged: number
}

/** Joins sessions and live documents: handles, binary frames, acknowledgements. */
export class DocumentHandlers
  implements Pick<Handlers, 'document/open' | 'document/history' | 'document/save' | 'document/close'>
{
  readonly #documents: Documents
  readonly #onBug: (error: unknown, where: string) => void
  readonly #links = new WeakMap<Session, Map<number, OpenLink>>()
  #nextHandle = 1

  constructor(documents: Documents, onBug: (error: unknown, where: string) => void) {
    this.#documents = documents
    this.#onBug = onBug
  }

  readonly 'document/open': Handlers['document/open'] = async (
    { workspaceId, path, stateVector },
    { session },
  ) => {
    const links = this.#linksOf(session)
    if (links.size >= openDocuments) {
      throw new RequestError('tooLarge', `At most ${openDocuments} documents can be open; close some.`)
    }
    const to = await this.#documents.movedTo(workspaceId, path)
    if (to !== undefined) return { kind: 'moved', to }
    const opened = await this.#documents.open(workspaceId, path)
    if (!opened.ok) {
      if (opened.error.kind === 'notFound') throw new RequestError('notFound', `There is no file ${path}.`)
      return opened.error
    }
    if (session.closed) throw new RequestError('busy', 'The session was closed meanwhile.')
    const document = opened.value
    const handle = this.#nextHandle++
    const vector = stateVector === undefined ? undefined : new Uint8Array(Buffer.from(stateVector, 'base64'))
    // The response names the handle; frames that use it must come after it.
    const early: Uint8Array[] = []
    let answered = false
    const send = (bytes: Uint8Array) => {
      if (answered) session.sendBinary(bytes)
      else early.push(bytes)
    }
    const link = document.join(
      {
        sync: (update) => send(encodeDocumentFrame({ type: 'sync', handle, number: 0, update })),
        awareness: (update) => send(encodeDocumentFrame({ type: 'awareness', handle, update })),
      },
      vector,
    )
    const mayWrite = roleMay(roleOf(session.actor), 'document/write')
    links.set(handle, { link, mayWrite, acknowledged: 0 })
    setImmediate(() => {
      answered = true
      for (const bytes of early) session.sendBinary(bytes)
    })
    const { eol, incarnation, formerly } = document
    const readOnly = document.readOnly || !mayWrite
    const ours = Buffer.from(encodeStateVector(document.doc)).toString('base64')
    const last = this.#documents.lastMerge(workspaceId, path)
    // Who has it open knows the text from before; to others it is news where it met text that was not on disk.
    const isNews = last !== undefined && (vector !== undefined || last.isUnseen)
    if (isNews) this.#documents.toldMerge(workspaceId, path)
    return {
      kind: 'text',
      handle,
      eol,
      readOnly,
      incarnation,
      ...(formerly.length > 0 && { formerly: [...formerly] }),
      stateVector: ours,
      saved: document.saved(),
      ...(isNews && { merged: last.merged }),
    }
  }

  readonly 'document/history': Handlers['document/history'] = async ({ workspaceId, path }) => {
    const opened = await this.#documents.open(workspaceId, path)
    if (!opened.ok) throw new RequestError('notFound', `There is no text file ${path}.`)
    const runs = runsOf(opened.value.doc)
    const chars = runs.reduce((sum, { text }) => sum + text.length, 0)
    if (chars > limits.documentHistoryChars) {
      throw new RequestError('tooLarge', `The history of ${path} is too large to be shown.`)
    }
    const times = Buffer.from(encodeTimes(opened.value.times.list())).toString('base64')
    return { runs, times }
  }

  readonly 'document/save': Handlers['document/save'] = async ({ workspaceId, path }) => {
    await this.#documents.save(workspaceId, path)
    return {}
  }

  readonly 'document/close': Handlers['document/close'] = ({ handle }, { session }) => {
    const links = this.#linksOf(session)
    links.get(handle)?.link.leave()
    links.delete(handle)
    return {}
  }

  /** A binary frame of a browser. What it says of a handle that is closed by now is dropped. */
  receive(session: Session, bytes: Uint8Array): void {
    const frame = parseDocumentFrame(bytes)
    if (!frame || frame.type === 'ack') return session.close('badFrame', 'no document frame')
    const open = this.#linksOf(session).get(frame.handle)
    if (!open) return
    if (frame.type === 'awareness') return open.link.receiveAwareness(frame.update)
    if (!open.mayWrite) return session.close('forbidden', 'the link does not allow typing')
    open.link.receive(frame.update).then(
      () => {
        const number = Math.max(open.acknowledged, frame.number)
        open.acknowledged = number
        session.sendBinary(encodeDocumentFrame({ type: 'ack', handle: frame.handle, number }))
      },
      (error) => {
        if (error instanceof RequestError) session.close('badFrame', error.message)
        else this.#onBug(error, 'document update')
      },
    )
  }

  #linksOf(session: Session): Map<number, OpenLink> {
    const known = this.#links.get(session)
    if (known) return known
    const links = new Map<number, OpenLink>()
    this.#links.set(session, links)
    session.onClose(() => {
      for (const { link } of links.values()) link.leave()
      links.clear()
    })
    return links
  }
}
