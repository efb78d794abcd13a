import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Y from 'yjs'
import { textOf } from '../../core/document/document-text.ts'
import { seededRandom } from '../../core/lib/random.ts'
import { itemIdSchema, turnIdSchema, workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { FileEdit, Hunk } from '../../core/protocol/item.ts'
import type {
  Documents,
  LiveDocument,
  RevertDirection,
  RevertFile,
  TurnSnapshots,
} from '../documents/documents.ts'
import { createDocuments } from '../documents/live-documents.ts'
import { createTurnSnapshots } from '../documents/turn-snapshots.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import { createTrash } from '../workspace/trash.ts'
import type { DiskChange, Workspace } from '../workspace/workspace.ts'
import { ManualTimers } from './manual-timers.ts'

export const workspaceId = workspaceIdSchema.parse('wsp_test')

/** A browser in a test: types into its own copy. */
export interface Typist {
  readonly doc: Y.Doc
  text(): string
  /** Inserts before `place`, or at the end without one; resolves when it is durable. */
  type(insert: string, place?: string): Promise<void>
  leave(): void
}

/** Live documents over a real folder, a store in memory and a clock moved by hand. */
export class DocumentsWorld {
  readonly root: string
  readonly timers = new ManualTimers()
  store: Store
  documents: Documents
  readonly saved: string[] = []
  readonly merged: string[] = []
  readonly bugs: unknown[] = []
  readonly #listeners = new Set<(changes: readonly DiskChange[]) => void>()
  #seed = 1
  #items = 0

  constructor(root: string, store: Store) {
    this.root = root
    this.store = store
    this.documents = this.#start()
  }

  static async create(files: Record<string, string | Uint8Array> = {}): Promise<DocumentsWorld> {
    const root = await mkdtemp(join(tmpdir(), 'tandem-documents-'))
    const world = new DocumentsWorld(root, createMemoryStore())
    for (const [path, content] of Object.entries(files)) await world.write(path, content)
    return world
  }

  async destroy(): Promise<void> {
    await this.documents.close()
    await rm(this.root, { recursive: true, force: true })
    await rm(`${this.root}.trash`, { recursive: true, force: true })
  }

  /** The server dies: what is not in the store or on disk is gone. */
  crash(): void {
    this.#listeners.clear()
    this.documents = this.#start()
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await writeFile(join(this.root, path), content)
  }

  async read(path: string): Promise<string | undefined> {
    return readFile(join(this.root, path), 'utf8').catch(() => undefined)
  }

  async mode(path: string): Promise<number> {
    return (await stat(join(this.root, path))).mode & 0o777
  }

  tellDisk(...changes: DiskChange[]): void {
    for (const listener of this.#listeners) listener(changes)
  }

  flush(): Promise<void> {
    return this.documents.flush(workspaceId)
  }

  async open(path: string): Promise<LiveDocument> {
    const opened = await this.documents.open(workspaceId, path)
    if (!opened.ok) throw new Error(`${path}: ${opened.error.kind}`)
    return opened.value
  }

  async join(path: string, doc = new Y.Doc()): Promise<Typist> {
    const live = await this.open(path)
    const origin = {}
    const link = live.join(
      { sync: (update) => Y.applyUpdate(doc, update, origin), awareness: () => undefined },
      Y.encodeStateVector(doc),
    )
    const waiting: Promise<void>[] = []
    doc.on('update', (update: Uint8Array, from: unknown) => {
      if (from !== origin) waiting.push(link.receive(update))
    })
    return {
      doc,
      text: () => textOf(doc).toString(),
      async type(insert, place) {
        const text = textOf(doc)
        const at = place === undefined ? text.length : text.toString().indexOf(place)
        if (at < 0) throw new Error(`${place} is not there`)
        text.insert(at, insert)
        await Promise.all(waiting.splice(0))
      },
      leave: () => link.leave(),
    }
  }

  snapshots(): TurnSnapshots {
    return createTurnSnapshots(this.documents)
  }

  /** An edit of the model, with all it reports. */
  edit(turn = this.snapshots(), format: 'applyPatch' | 'searchReplace' = 'applyPatch') {
    const files = new Map<string, FileEdit>()
    const hunks = new Map<string, Hunk>()
    const told: string[] = []
    this.#items += 1
    const session = this.documents.beginEdit({
      workspaceId,
      turnId: turnIdSchema.parse('trn_t'),
      itemId: itemIdSchema.parse(`trn_t.${this.#items}`),
      format,
      authorName: 'Model',
      turn,
      onFile: (file) => {
        files.set(file.path, file)
        told.push(`${file.path} ${file.status}`)
      },
      onHunk: (_path, hunk) => {
        hunks.set(hunk.id, hunk)
        told.push(`${hunk.id} ${hunk.status}`)
      },
    })
    const undoable = (): RevertFile[] =>
      [...files.values()]
        .filter(({ status }) => status !== 'failed')
        .map(({ path, kind, movedTo }) => ({
          path,
          kind,
          ...(movedTo !== undefined && { movedTo }),
          hunks: [...hunks.values()].flatMap((hunk) =>
            hunk.path === path && hunk.status === 'written' && hunk.changes !== undefined
              ? [{ id: hunk.id, changes: hunk.changes }]
              : [],
          ),
        }))
    return { session, files, hunks, told, undoable }
  }

  /** Undoes or redoes; answers what the opposite asks for. */
  async revert(files: readonly RevertFile[], direction: RevertDirection = 'undo'): Promise<RevertFile[]> {
    const request = { files, direction, whenGone: 'make' } as const
    const { inverse: inverses } = await this.documents.revert(workspaceId, request)
    return files.map((file) => ({
      ...file,
      hunks: file.hunks.flatMap(({ id }) => {
        const changes = inverses[id]
        return changes === undefined ? [] : [{ id, changes }]
      }),
    }))
  }

  #start(): Documents {
    const workspace = this.#createWorkspace()
    const documents = createDocuments({
      store: this.store,
      workspaces: (id) => (id === workspaceId ? workspace : undefined),
      clock: this.timers.clock,
      random: seededRandom(this.#seed++),
      timers: this.timers,
      onBug: (error) => this.bugs.push(error),
    })
    documents.onSaved((_id, path, saved, problem) => {
      this.saved.push(
        `${path} ${saved ? 'saved' : 'unsaved'}${problem === undefined ? '' : ` (${[problem.code, problem.detail].join(' ').trim()})`}`,
      )
    })
    documents.onMerged((_id, path, { line, deleted }) => {
      this.merged.push(`${path}:${line}${deleted ? ' deleted' : ''}`)
    })
    return documents
  }

  #createWorkspace(): Workspace {
    const guard = createPathGuard(this.root)
    const trash = createTrash(guard, `${this.root}.trash`)
    const unused = () => Promise.reject(new Error('not part of these tests'))
    return {
      id: workspaceId,
      root: this.root,
      name: 'test',
      sample: false,
      guard,
      branch: unused,
      list: unused,
      find: unused,
      search: unused,
      create: unused,
      rename: (path, to) => rename(join(this.root, path), join(this.root, to)),
      trash: (path) => trash.put(path),
      restore: (id) => trash.restore(id),
      watching: async () => true,
      onDiskChange: (listener) => {
        this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      close: async () => undefined,
    }
  }
}
