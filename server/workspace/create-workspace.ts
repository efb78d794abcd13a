import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { type WorkspaceId, workspaceIdSchema } from '../../core/protocol/ids.ts'
import { watchDisk } from './disk-watcher.ts'
import { errorCode } from './error-code.ts'
import { readBranch } from './git-branch.ts'
import { listFolder } from './list-folder.ts'
import { createPathGuard } from './path-guard.ts'
import { createPathIndex } from './path-index.ts'
import { searchText } from './text-search.ts'
import { createTrash, exists } from './trash.ts'
import type { DiskChange, Workspace } from './workspace.ts'

export interface WorkspaceOptions {
  readonly root: string
  readonly sample: boolean
  /** Absolute, in the data folder; each workspace keeps its own folder below it. */
  readonly trashFolder: string
  /** Told what the person who runs the server should know. */
  readonly onProblem?: (message: string) => void
}

/** The same folder has the same id at every start. */
export function workspaceIdOf(root: string): WorkspaceId {
  const digest = createHash('sha256').update(realpathSync.native(root)).digest('hex')
  return workspaceIdSchema.parse(`wsp_${digest.slice(0, 16)}`)
}

/** Serves a folder. It is watched from now on; that begins in the background. */
export async function createWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const guard = createPathGuard(options.root)
  const { root } = guard
  const id = workspaceIdOf(root)
  const trash = createTrash(guard, join(options.trashFolder, id))
  const index = createPathIndex(root)
  const listeners = new Set<(changes: readonly DiskChange[]) => void>()
  const tell = (changes: readonly DiskChange[]) => {
    if (changes.some((change) => change.kind !== 'changed')) index.invalidate()
    for (const listener of listeners) listener(changes)
  }
  const watcher = watchDisk(root, {
    onChanges: tell,
    onProblem: (message) => options.onProblem?.(message),
  })
  let watched = false
  let starting = true
  /** What was answered while nothing was watched yet. */
  const listed = new Map<string, ReturnType<typeof listFolder>>()
  const watching = watcher.watching.then((value) => {
    // What changed while the watcher was starting was not told.
    index.invalidate()
    watched = value
    starting = false
    if (value) for (const [path, listing] of listed) void tellSince(path, listing)
    listed.clear()
    return value
  })

  async function tellSince(path: string, listing: ReturnType<typeof listFolder>): Promise<void> {
    // Of a folder that is gone its parent tells.
    const [before, now] = await Promise.all([listing, listFolder(guard, path)]).catch(() => [])
    if (!before || !now) return
    const namesOf = ({ entries }: Awaited<typeof listing>) => new Set(entries.map(({ name }) => name))
    const [old, present] = [namesOf(before), namesOf(now)]
    const only = (names: ReadonlySet<string>, others: ReadonlySet<string>, kind: DiskChange['kind']) =>
      [...names].flatMap((name) =>
        others.has(name) ? [] : [{ path: path === '' ? name : `${path}/${name}`, kind }],
      )
    const changes = [...only(present, old, 'created'), ...only(old, present, 'deleted')]
    if (changes.length > 0) tell(changes)
  }

  return {
    id,
    root,
    name: basename(root) || root,
    sample: options.sample,
    guard,
    branch: () => readBranch(root),
    list(path) {
      const listing = listFolder(guard, path)
      if (starting) listed.set(path, listing)
      return listing
    },
    find(query, limit) {
      if (!watched) index.invalidate()
      return index.find(query, limit)
    },
    search: (search) => searchText(root, search),

    async create(path, kind) {
      const target = await guard.forWrite(path)
      try {
        await mkdir(dirname(target), { recursive: true })
        if (kind === 'folder') await mkdir(target)
        else await (await open(target, 'wx')).close()
      } catch (error) {
        throw occupied(error, path)
      }
      tell([{ path, kind: 'created' }])
    },

    async rename(path, to) {
      const source = await guard.forEntry(path)
      const target = await guard.forEntry(to)
      if (!(await exists(source))) throw new RequestError('notFound', `There is no ${path}.`)
      // A change of case alone is the same file on some disks.
      const sameName = source.toLowerCase() === target.toLowerCase()
      if (!sameName && (await exists(target))) throw new RequestError('conflict', `There is a ${to} already.`)
      if (target.startsWith(`${source}/`))
        throw new RequestError('conflict', 'A folder cannot move into itself.')
      try {
        await mkdir(dirname(target), { recursive: true })
        await rename(source, target)
      } catch (error) {
        throw occupied(error, to)
      }
      tell([
        { path, kind: 'deleted' },
        { path: to, kind: 'created' },
      ])
    },

    async trash(path) {
      const trashId = await trash.put(path)
      tell([{ path, kind: 'deleted' }])
      return trashId
    },

    async restore(trashId) {
      const path = await trash.restore(trashId)
      tell([{ path, kind: 'created' }])
      return path
    },

    onDiskChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    watching: () => watching,
    close: () => watcher.close(),
  }
}

function occupied(error: unknown, path: string): unknown {
  const code = errorCode(error)
  if (code === 'EEXIST' || code === 'ENOTEMPTY')
    return new RequestError('conflict', `There is a ${path} already.`)
  if (code === 'ENOTDIR') return new RequestError('conflict', `A part of ${path} is a file.`)
  if (code === 'ENOSPC' || code === 'EROFS' || code === 'EDQUOT' || code === 'EACCES' || code === 'EPERM') {
    return new RequestError('storageFailed', `${path} could not be written: ${code}.`)
  }
  return error
}
