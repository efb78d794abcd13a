import { basename, dirname } from 'node:path/posix'
import type { Documents } from '../documents/documents.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { readGuidance } from './prompt-context.ts'

const names = ['AGENTS.md', 'CLAUDE.md']

/**
 * A workspace's AGENTS.md texts, read once and kept while changes to them would be seen: reading them anew for
 * each prompt would stand between the prompt and its first token.
 */
export class Guidance {
  readonly #documents: Documents
  readonly #workspace: Workspace
  readonly #kept = new Map<string, Promise<string | undefined>>()
  #watching = false

  constructor(workspace: Workspace, documents: Documents) {
    this.#workspace = workspace
    this.#documents = documents
    void workspace.watching().then((watching) => {
      this.#watching = watching
    })
    workspace.onDiskChange((changes) => {
      if (changes.some(({ path, kind }) => kind !== 'changed' || names.includes(basename(path))))
        this.#kept.clear()
    })
    documents.onText((workspaceId, path) => {
      if (workspaceId === workspace.id && names.includes(basename(path))) this.#kept.clear()
    })
  }

  read(activePath: string | undefined): Promise<string | undefined> {
    const folder = dirname(activePath ?? '.')
    const kept = this.#kept.get(folder)
    if (kept) return kept
    const reading = readGuidance((path) => this.#readText(path), activePath)
    if (this.#watching) this.#kept.set(folder, reading)
    return reading
  }

  /** Guidance that can't be read (a link that leads outside, a file of somebody else) keeps nobody from asking. */
  #readText(path: string): Promise<string | undefined> {
    return this.#documents.readText(this.#workspace.id, path).catch(() => undefined)
  }
}
