import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Store } from '../store/store.ts'

/** The paths of one workspace whose documents hold changes the disk lacks, kept so that a restart finds them. */
export interface UnsavedList {
  /** What the last run left. */
  readonly found: ReadonlySet<string>
  /** That, and what runs before left that did not live to look after it. */
  readonly suspects: ReadonlySet<string>
  /** The suspects were looked after. */
  clear(): void
  /** Resolves when the path is noted durably. */
  add(path: string): Promise<void>
  remove(path: string): void
}

export async function readUnsavedList(store: Store, workspaceId: WorkspaceId): Promise<UnsavedList> {
  const key = `unsaved:${workspaceId}`
  const found = parse(await store.getValue(key))
  const suspectsKey = `recovering:${workspaceId}`
  const suspectsBefore = parse(await store.getValue(suspectsKey))
  const suspects = new Set([...suspectsBefore, ...found])
  // Before any of them is saved and leaves the list.
  if (suspects.size > suspectsBefore.size) await store.setValue(suspectsKey, JSON.stringify([...suspects]))
  const paths = new Set(found)
  let writing: Promise<void> = Promise.resolve()
  let stored = JSON.stringify([...paths])

  /** Calls while one is under way share the next. */
  let next: Promise<void> | undefined
  function write(): Promise<void> {
    next ??= writing.then(async () => {
      next = undefined
      const value = JSON.stringify([...paths])
      if (value === stored) return
      await store.setValue(key, value)
      stored = value
    })
    writing = next.catch(() => undefined)
    return next
  }

  return {
    found,
    suspects,
    clear() {
      if (suspects.size > 0) store.setValue(suspectsKey, '[]').catch(() => undefined)
    },
    add(path) {
      paths.add(path)
      return write()
    },
    remove(path) {
      // A path too many costs a look after a restart, no more.
      if (paths.delete(path)) write().catch(() => undefined)
    },
  }
}

function parse(value: string | undefined): ReadonlySet<string> {
  try {
    const json: unknown = JSON.parse(value ?? '[]')
    return new Set(Array.isArray(json) ? json.filter((path) => typeof path === 'string') : [])
  } catch {
    return new Set()
  }
}
