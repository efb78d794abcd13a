import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { type RewindId, rewindIdSchema, type TurnId, type WorkspaceId } from '../../core/protocol/ids.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import type { LeftFile, RewindScope } from '../../core/protocol/rewind.ts'
import type { ThreadEvent, ThreadState } from '../../core/protocol/thread.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import type { Documents, Reverted, RevertFile } from '../documents/documents.ts'
import { filesToRedo, filesToUndo } from './turn-revert.ts'

interface Options {
  readonly workspaceId: WorkspaceId
  readonly documents: Documents
  readonly random: Random
  readonly state: () => ThreadState
  readonly publish: (event: ThreadEvent) => void
  readonly stored: () => Promise<void>
}

export interface Rewind {
  readonly rewindId: RewindId
  readonly turnId: TurnId
  readonly what: RewindScope
}

const nothing: Reverted = { inverse: {}, left: [] }

/** Going back in one thread to before a turn, and forth again. Who calls sees to it that one thing happens at a time. */
export class Rewinds {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** Throws when there is nothing to go back to. */
  plan(turnId: TurnId, what: RewindScope): Rewind {
    const stands = filesToUndo(this.#from(turnId)).length > 0
    if (what === 'files' && !stands)
      throw new RequestError('conflict', 'Nothing that was written from there on stands in files.')
    return { rewindId: rewindIdSchema.parse(mintId('rew', this.#options.random)), turnId, what }
  }

  isDone({ rewindId }: Pick<Rewind, 'rewindId'>): boolean {
    return this.#options.state().rewound?.some(({ id }) => id === rewindId) ?? false
  }

  async preview(turnId: TurnId): Promise<ResultOf<'thread/rewindPreview'>> {
    const { documents, workspaceId } = this.#options
    const turns = this.#from(turnId)
    const said = turns.flatMap(({ items }) =>
      items.filter(
        (item) => item.type === 'userMessage' || (item.type === 'agentMessage' && item.text !== ''),
      ),
    )
    const files = await documents.previewRevert(workspaceId, filesToUndo(turns))
    return { turns: turns.length, messages: said.length, files: [...files] }
  }

  async rewind({ rewindId, turnId, what }: Rewind): Promise<ResultOf<'thread/rewind'>> {
    const turns = this.#from(turnId)
    const files = what === 'conversation' ? [] : filesToUndo(turns)
    const { inverse, left } = await this.#revert(files, 'undo')
    const undone = turns.filter((turn) => wasTakenOut(turn, inverse, left)).map(({ id }) => id)
    this.#options.publish({ type: 'thread/rewound', rewindId, turnId, what, inverse, undone })
    await this.#options.stored()
    return { rewindId, turns: turns.length, files: pathsOf(files, left), left: [...left] }
  }

  async unrewind(rewindId: RewindId): Promise<ResultOf<'thread/unrewind'>> {
    const { state, publish, stored } = this.#options
    const entry = state().rewound?.at(-1)
    if (entry?.id !== rewindId) throw new RequestError('conflict', 'That rewind can’t be undone any more.')
    const rerun = state().turns.filter(({ id }) => id === entry.rerun)
    const out = filesToUndo(rerun)
    const { inverse, left } = await this.#revert(out, 'undo')
    const hunkIds = new Set(entry.hunkIds)
    const files = (entry.what === 'files' ? state().turns : entry.turns).flatMap((turn) =>
      filesToRedo(turn, { hunk: (id) => hunkIds.has(id), withoutHunks: entry.undone.includes(turn.id) }),
    )
    const back = await this.#revert(files, 'redo')
    publish({ type: 'thread/unrewound', rewindId, inverse, changes: back.inverse })
    await stored()
    const allLeft = [...left, ...back.left]
    return { files: pathsOf([...out, ...files], allLeft), left: allLeft }
  }

  async #revert(files: readonly RevertFile[], direction: 'undo' | 'redo'): Promise<Reverted> {
    if (files.length === 0) return nothing
    return this.#options.documents.revert(this.#options.workspaceId, { files, direction, whenGone: 'leave' })
  }

  /** The turn and those after it. */
  #from(turnId: TurnId): readonly Turn[] {
    const { turns } = this.#options.state()
    const from = turns.findIndex(({ id }) => id === turnId)
    if (from < 0) throw new RequestError('notFound', 'There is no such turn in this thread.')
    return turns.slice(from)
  }
}

/** Paths of the files that were not left as they were. */
export function pathsOf(files: readonly RevertFile[], left: readonly LeftFile[]): string[] {
  const leftPaths = new Set(left.map(({ path }) => path))
  const isLeft = ({ path, movedTo }: RevertFile) => leftPaths.has(path) || leftPaths.has(movedTo ?? path)
  return [...new Set(files.filter((file) => !isLeft(file)).map(({ path }) => path))]
}

/** Something of it stood and was taken out. */
function wasTakenOut(turn: Turn, inverse: Reverted['inverse'], left: readonly LeftFile[]): boolean {
  if (turn.undone !== undefined) return false
  return filesToUndo([turn]).some(({ path, hunks }) =>
    hunks.length > 0
      ? hunks.some(({ id }) => inverse[id] !== undefined)
      : !left.some((file) => file.path === path),
  )
}
