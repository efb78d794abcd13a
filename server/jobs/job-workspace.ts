import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import type { WorkspaceId } from '../../core/protocol/ids.ts'
import { listFolder } from '../workspace/list-folder.ts'
import { createPathGuard } from '../workspace/path-guard.ts'
import { createPathIndex } from '../workspace/path-index.ts'
import { searchText } from '../workspace/text-search.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** A job's copy of a workspace: nobody looks at it while it changes, so nothing watches it. */
export function createJobWorkspace(options: { readonly id: WorkspaceId; readonly root: string }): Workspace {
  const guard = createPathGuard(options.root)
  const { root } = guard
  const index = createPathIndex(root)
  return {
    id: options.id,
    root,
    name: basename(root),
    sample: false,
    guard,
    branch: async () => undefined,
    list: (path) => listFolder(guard, path),
    find(query, limit) {
      index.invalidate()
      return index.find(query, limit)
    },
    search: (search) => searchText(root, search),
    async create(path, kind) {
      const target = await guard.forWrite(path)
      await mkdir(kind === 'folder' ? target : dirname(target), { recursive: true })
      if (kind === 'file') await (await open(target, 'wx')).close()
    },
    async rename(path, to) {
      const target = await guard.forEntry(to)
      await mkdir(dirname(target), { recursive: true })
      await rename(await guard.forEntry(path), target)
    },
    /** Its commits keep what was there. */
    async trash(path) {
      await rm(await guard.forEntry(path), { recursive: true })
      return path
    },
    async restore(trashId) {
      throw new RequestError('notFound', `There is no ${trashId} to bring back.`)
    },
    watching: async () => false,
    onDiskChange: () => () => undefined,
    close: async () => undefined,
  }
}
