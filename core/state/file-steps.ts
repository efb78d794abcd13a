import { decodeChangeSet } from '../document/change-set.ts'
import type { FileStep } from '../document/file-replay.ts'
import { type Move, movedPath } from '../lib/moved-path.ts'
import type { FileEdit } from '../protocol/item.ts'
import type { LoggedEvent } from '../protocol/thread.ts'

type Growth = { seq: number; addedLines: number }[]

/** What a thread's log says it did to files, by the paths these have now. */
export class FileSteps {
  readonly #steps = new Map<string, FileStep[]>()
  /** Of hunks that are being written. */
  readonly #growth = new Map<string, Growth>()
  readonly #pathOf = new Map<string, string>()
  readonly #moves: Move[] = []

  append({ seq, event }: LoggedEvent): void {
    switch (event.type) {
      case 'edit/fileChanged':
        this.#noteMoved(event.file)
        return
      case 'thread/fileMoved':
        this.#moves.push(event)
        return
      case 'edit/hunkChanged': {
        const { hunk, path } = event
        this.#pathOf.set(hunk.id, path)
        if (hunk.status === 'writing') {
          const growth = this.#growth.get(hunk.id) ?? []
          growth.push({ seq, addedLines: hunk.addedLines })
          this.#growth.set(hunk.id, growth)
          return
        }
        if (hunk.status === 'written' && hunk.changes !== undefined) {
          this.#add(hunk.id, seq, hunk.changes, this.#growth.get(hunk.id) ?? [])
        }
        this.#growth.delete(hunk.id)
        return
      }
      case 'turn/undone':
      case 'review/undone':
      case 'thread/rewound':
        this.#addAll(seq, event.inverse)
        return
      case 'thread/unrewound':
        this.#addAll(seq, event.inverse ?? {})
        this.#addAll(seq, event.changes)
        return
      case 'turn/redone':
      case 'review/takenBack':
        this.#addAll(seq, event.changes)
    }
  }

  /** Where a file that had this path in the log is now. */
  currentPath(path: string): string {
    return this.#moves.reduce(movedPath, path)
  }

  /** In the order of the log. `path`: as it is now. */
  of(path: string): readonly FileStep[] {
    const steps = [...this.#steps].flatMap(([known, list]) => (this.currentPath(known) === path ? list : []))
    return steps.sort((a, b) => a.seq - b.seq)
  }

  /** Logs of earlier versions tell of a move by the edit alone. */
  #noteMoved({ path, movedTo, status }: FileEdit): void {
    if (movedTo === undefined || status !== 'written') return
    if (!this.#moves.some(({ from, to }) => from === path && to === movedTo))
      this.#moves.push({ from: path, to: movedTo })
  }

  #addAll(seq: number, changes: Readonly<Record<string, string>>): void {
    for (const [hunkId, change] of Object.entries(changes)) this.#add(hunkId, seq, change, [])
  }

  #add(hunkId: string, seq: number, encoded: string, growth: Growth): void {
    const path = this.#pathOf.get(hunkId)
    const changes = decodeChangeSet(encoded)
    if (path === undefined || changes === undefined) return
    const steps = this.#steps.get(path) ?? []
    steps.push({ seq, changes, growth })
    this.#steps.set(path, steps)
  }
}
