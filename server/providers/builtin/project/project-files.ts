import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { ignoreRules, isTextName } from './ignore.ts'

/** One file the command wants changed; `before` is missing for a new file. */
export interface FileChange {
  readonly path: string
  readonly before: string | undefined
  readonly after: string
}

const maxFiles = 50_000
const maxFileBytes = 4 * 1024 * 1024

/**
 * The text files of a workspace as a command sees them: its own drafts over the person's unsaved text over the disk.
 * Paths are relative with `/`; nothing outside the root is read, whatever links or configuration say. Line ends are `\n`.
 */
export class ProjectFiles {
  readonly root: string
  #overrides = new Map<string, string>()
  readonly #drafts = new Map<string, string>()
  #stamps = new Map<string, string>()
  #sorted: readonly string[] = []
  #edits = 0
  #overrideStamps = new Map<string, string>()
  #revision = 0
  #folders = new Map<string, string | undefined>()
  #only: ReadonlySet<string> | undefined

  /** `root` is absolute; links in it are resolved once. */
  constructor(root: string) {
    this.root = realpathSync(root)
  }

  /** Looks at the disk again and takes the live text of open files. `only`: all other files are as if they were not. */
  refresh(overrides: ReadonlyMap<string, string>, only?: ReadonlySet<string>): void {
    this.#drafts.clear()
    this.#folders = new Map()
    const stamps = new Map<string, string>()
    this.#only = undefined
    const ignored = ignoreRules(this.#readDisk('.gitignore') ?? '')
    this.#only = only
    this.#walk('', ignored, stamps, 0)
    const overrideStamps = new Map<string, string>()
    const normal = new Map<string, string>()
    for (const [path, text] of overrides) {
      if (!this.#mayRead(path)) continue
      const live = toLines(text)
      const old = this.#overrides.get(path) === live ? this.#overrideStamps.get(path) : undefined
      overrideStamps.set(path, old ?? `live${++this.#edits}`)
      normal.set(path, live)
      if (!stamps.has(path)) stamps.set(path, 'live')
    }
    const same =
      stamps.size === this.#stamps.size &&
      [...stamps].every(([path, stamp]) => this.#stamps.get(path) === stamp)
    if (!same) this.#sorted = [...stamps.keys()].sort()
    this.#stamps = stamps
    this.#overrides = normal
    this.#overrideStamps = overrideStamps
    this.#revision++
  }

  /** Every text file that is not ignored. */
  list(): readonly string[] {
    return this.#sorted
  }

  /** Grows with every refresh and every draft. */
  get revision(): number {
    return this.#revision
  }

  /** Changes when the text of the file may have. */
  version(path: string): string {
    const draft = this.#draftStamps.get(path)
    return draft ?? this.#overrideStamps.get(path) ?? this.#stamps.get(path) ?? '0'
  }
  readonly #draftStamps = new Map<string, string>()

  has(path: string): boolean {
    return (
      this.#drafts.has(path) ||
      this.#overrides.has(path) ||
      this.#stamps.has(path) ||
      this.#real(path) !== undefined
    )
  }

  read(path: string): string | undefined {
    return this.#drafts.get(path) ?? this.readBase(path)
  }

  /** The text without this command's drafts. */
  readBase(path: string): string | undefined {
    return this.#overrides.get(path) ?? this.#readDisk(path)
  }

  /** Writes a draft; nothing touches the disk. */
  write(path: string, text: string): void {
    this.#drafts.set(path, text)
    this.#draftStamps.set(path, `draft${++this.#edits}`)
    this.#revision++
  }

  /** Forgets the drafts of these files. */
  discard(paths: Iterable<string>): void {
    for (const path of paths) {
      this.#drafts.delete(path)
      this.#draftStamps.delete(path)
    }
    this.#revision++
  }

  /** What the command wrote, and back to how it was. */
  takeChanges(): readonly FileChange[] {
    const changes: FileChange[] = []
    for (const [path, after] of this.#drafts) {
      const before = this.readBase(path)
      if (before !== after) changes.push({ path, before, after })
    }
    this.discard([...this.#drafts.keys()])
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** A relative path for a link-free absolute one inside the root. */
  relative(absolute: string): string | undefined {
    const path = absolute.split(sep).join('/')
    const root = this.root.split(sep).join('/')
    return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined
  }

  /** As `relative`, with links followed: one file has one path, whatever way led to it. */
  own(absolute: string): string | undefined {
    const path = this.relative(absolute)
    return path === undefined ? undefined : this.realPath(path)
  }

  absolute(path: string): string {
    return posix.join(this.root.split(sep).join('/'), path)
  }

  /** The names of the folders in a folder. */
  folders(path: string): readonly string[] {
    const real = this.#realFolder(path)
    if (real === undefined) return []
    try {
      return readdirSync(real, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
        .map((entry) => entry.name)
    } catch {
      return []
    }
  }

  hasFolder(path: string): boolean {
    return this.#realFolder(path) !== undefined
  }

  /** The path after its links, when that is still inside. */
  realPath(path: string): string {
    const real = this.#real(path) ?? this.#realFolder(path)
    return (real && this.relative(real)) ?? path
  }

  #mayRead(path: string): boolean {
    return !this.#only || this.#only.has(path)
  }

  #walk(
    folder: string,
    ignored: (path: string, name: string) => boolean,
    found: Map<string, string>,
    depth: number,
  ): void {
    if (depth > 40) return
    const entries = (() => {
      try {
        return readdirSync(join(this.root, folder), { withFileTypes: true })
      } catch {
        return []
      }
    })()
    for (const entry of entries) {
      if (found.size >= maxFiles) return
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (ignored(path, entry.name)) continue
      // Links are not followed: they may lead in circles or outside.
      if (entry.isDirectory()) this.#walk(path, ignored, found, depth + 1)
      else if (entry.isFile() && isTextName(entry.name) && this.#mayRead(path)) {
        try {
          const stat = statSync(join(this.root, path))
          if (stat.size <= maxFileBytes) found.set(path, `${stat.mtimeMs}:${stat.size}`)
        } catch {
          // It went away between the two looks.
        }
      }
    }
  }

  #readDisk(path: string): string | undefined {
    const real = this.#real(path)
    if (real === undefined) return undefined
    try {
      const bytes = readFileSync(real)
      if (bytes.subarray(0, 8192).includes(0)) return undefined
      return toLines(bytes.toString('utf8'))
    } catch {
      return undefined
    }
  }

  /** The absolute path of a plain file of bearable size inside the root, links resolved. */
  #real(path: string): string | undefined {
    const normal = posix.normalize(path)
    if (!this.#mayRead(normal)) return undefined
    if (normal.startsWith('../') || posix.isAbsolute(normal) || normal.includes('\0')) return undefined
    const folder = this.#realFolder(posix.dirname(normal))
    if (folder === undefined) return undefined
    try {
      let real = join(folder, posix.basename(normal))
      let stat = lstatSync(real)
      if (stat.isSymbolicLink()) {
        real = realpathSync(real)
        if (this.relative(real) === undefined) return undefined
        stat = statSync(real)
      }
      return stat.isFile() && stat.size <= maxFileBytes ? real : undefined
    } catch {
      return undefined
    }
  }

  #realFolder(path: string): string | undefined {
    const normal = posix.normalize(path).replace(/\/$/, '')
    if (normal === '.' || normal === '') return this.root
    if (normal.startsWith('..') || posix.isAbsolute(normal) || normal.includes('\0')) return undefined
    if (this.#folders.has(normal)) return this.#folders.get(normal)
    let real: string | undefined
    try {
      real = realpathSync(join(this.root, normal))
      if (this.relative(real) === undefined || !statSync(real).isDirectory()) real = undefined
    } catch {
      real = undefined
    }
    this.#folders.set(normal, real)
    return real
  }
}

function toLines(text: string): string {
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  return plain.includes('\r') ? plain.replace(/\r\n/g, '\n') : plain
}
