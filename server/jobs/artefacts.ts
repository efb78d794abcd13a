import type { Stats } from 'node:fs'
import { type FileHandle, lstat, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import { pathSchema } from '../../core/protocol/ids.ts'
import type { Job, JobArtefact } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { openGuarded } from '../workspace/held-folder.ts'
import { createPathGuard } from '../workspace/path-guard.ts'

/** Where a job puts what is for people and not for the repository. No commit of a job has it. */
export const artefactFolder = '.artifacts'

/** Others fill them: they say nothing of what a job did. */
const filledByOthers = new Set(['node_modules', '.git', '.tandem'])

interface Places {
  /** Its copy of the workspace. Beside it stands what goes with it. */
  tree(job: Job): string
  /** What git ignores in it; a folder of nothing else is one name and ends with a slash. */
  ignored(job: Job): Promise<readonly string[]>
}

interface Found {
  readonly file: JobArtefact
  /** Absolute. */
  readonly place: string
}

/** The files a job's commands wrote that no commit has, as reports and logs, also when its copy is no more. */
export class Artefacts {
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  /** The copy is fit to work in: what is in it by now is not the job's. */
  async begin(job: Job): Promise<void> {
    if (!(await this.hasBegun(job))) await writeFile(this.#mark(job), '')
  }

  async hasBegun(job: Job): Promise<boolean> {
    return (await timeOf(this.#mark(job))) !== undefined
  }

  async list(job: Job): Promise<{ files: JobArtefact[]; more: number }> {
    const inCopy = await this.#inCopy(job)
    const known = new Set(inCopy.map(({ file }) => file.path))
    const kept = (await filesOf(this.#kept(job))).filter(({ file }) => !known.has(file.path))
    const all = [...inCopy, ...kept].map(({ file }) => file).toSorted(byWorth)
    return { files: all.slice(0, limits.artefacts), more: Math.max(0, all.length - limits.artefacts) }
  }

  /** The beginning of one as text, if it is some. */
  async read(job: Job, path: string): Promise<{ text?: string; cut: boolean }> {
    const file = await this.open(job, path)
    try {
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.min(size, limits.artefactBytes))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
      const text = textOf(bytes.subarray(0, bytesRead))
      return { ...(text !== undefined && { text }), cut: size > bytesRead }
    } finally {
      await file.close()
    }
  }

  /** Whoever asks closes it. Rejects with `notFound`, or `pathDenied` for a way that leads elsewhere. */
  async open(job: Job, path: string): Promise<FileHandle> {
    for (const root of [this.#places.tree(job), this.#kept(job)]) {
      try {
        return await openGuarded(await createPathGuard(root).forRead(path))
      } catch (error) {
        if (error instanceof RequestError && error.code === 'pathDenied') throw error
      }
    }
    throw new RequestError('notFound', 'That file is no more.')
  }

  /** Puts aside what would go with the copy, as far as there is room for it. */
  async keep(job: Job): Promise<void> {
    let bytes = 0
    for (const { file, place } of (await this.#inCopy(job)).toSorted((a, b) => byWorth(a.file, b.file))) {
      bytes += file.bytes
      if (bytes > limits.artefactsKeptBytes) return
      const target = join(this.#kept(job), file.path)
      await mkdir(dirname(target), { recursive: true })
      await rename(place, target)
    }
  }

  async #inCopy(job: Job): Promise<readonly Found[]> {
    const tree = this.#places.tree(job)
    const begun = await timeOf(this.#mark(job))
    // A reader's copy is another's.
    if (begun === undefined || job.sight === 'shared') return []
    const found = await filesOf(tree, await this.#places.ignored(job))
    const isNew = await Promise.all(found.map(async ({ place }) => ((await timeOf(place)) ?? 0n) > begun))
    return found.filter((_, index) => isNew[index])
  }

  #mark(job: Job): string {
    return join(dirname(this.#places.tree(job)), 'fit')
  }

  #kept(job: Job): string {
    return join(dirname(this.#places.tree(job)), 'artefacts')
  }
}

/** When it was last changed in any way: no command can set that. */
async function timeOf(path: string): Promise<bigint | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ctimeNs }) => ctimeNs,
    () => undefined,
  )
}

/** The regular files of a folder, or of these names in it; no link is followed. */
async function filesOf(root: string, names: readonly string[] = ['']): Promise<readonly Found[]> {
  const found: Found[] = []
  const open = [...names].toReversed()
  let seen = 0
  for (let name = open.pop(); name !== undefined && seen < limits.artefactsSeen; name = open.pop()) {
    seen += 1
    const path = name.replace(/\/$/, '')
    if (path.split('/').some((part) => filledByOthers.has(part))) continue
    const place = join(root, path)
    const about: Stats | undefined = await lstat(place).catch(() => undefined)
    if (about?.isDirectory()) {
      const inside = (await readdir(place).catch(() => [])).toSorted().toReversed()
      open.push(...inside.map((entry) => (path === '' ? entry : `${path}/${entry}`)))
    } else if (about?.isFile() && pathSchema.safeParse(path).success) {
      found.push({ file: { path, bytes: about.size, at: Math.round(about.mtimeMs) }, place })
    }
  }
  return found
}

function byWorth(a: JobArtefact, b: JobArtefact): number {
  const isMeant = ({ path }: JobArtefact) => Number(path.startsWith(`${artefactFolder}/`))
  return isMeant(b) - isMeant(a) || b.at - a.at || (a.path < b.path ? -1 : 1)
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    // The last character may be cut.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
