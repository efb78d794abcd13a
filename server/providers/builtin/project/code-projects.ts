import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'
import { inside, readCompilerOptions } from './compiler-options.ts'
import type { ProjectFiles } from './project-files.ts'

/** One folder of TypeScript or JavaScript with one set of options and one language service. */
export interface CodeProject {
  readonly folder: string
  readonly service: ts.LanguageService
  /** Relative paths of its own files. */
  readonly paths: readonly string[]
}

export function isCode(path: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)
}

const libraryFolder = posix.dirname(ts.getDefaultLibFilePath({}).replaceAll('\\', '/'))

/** The code of a workspace, split by the nearest tsconfig or jsconfig. Language services are made when first asked for. */
export class CodeProjects {
  readonly #files: ProjectFiles
  readonly #cancelled: () => boolean
  readonly #registry = ts.createDocumentRegistry(true)
  #projects = new Map<
    string,
    {
      folder: string
      config: string | undefined
      optionsKey: string
      paths: string[]
      service: ts.LanguageService | undefined
    }
  >()
  #owners = new Map<string, string>()

  constructor(files: ProjectFiles, cancelled: () => boolean) {
    this.#files = files
    this.#cancelled = cancelled
  }

  /** Sorts the files into projects again; services live on while their options do. */
  refresh(): void {
    const configs = new Map<string, string>()
    for (const path of this.#files.list()) {
      const name = posix.basename(path)
      const folder = folderOf(path)
      if (name === 'tsconfig.json' || (name === 'jsconfig.json' && !configs.has(folder)))
        configs.set(folder, path)
    }
    const fingerprint = this.#files
      .list()
      .filter((path) => /(?:^|\/)[jt]sconfig[^/]*\.json$/.test(path))
      .map((path) => `${path}@${this.#files.version(path)}`)
      .join('\n')
    const old = this.#projects
    this.#projects = new Map()
    this.#owners = new Map()
    for (const path of this.#files.list()) {
      if (!isCode(path)) continue
      let folder = folderOf(path)
      while (folder !== '' && !configs.has(folder)) folder = folderOf(folder)
      let project = this.#projects.get(folder)
      if (!project) {
        const kept = old.get(folder)
        const service = kept?.optionsKey === fingerprint ? kept.service : undefined
        project = { folder, config: configs.get(folder), optionsKey: fingerprint, paths: [], service }
        this.#projects.set(folder, project)
      }
      project.paths.push(path)
      this.#owners.set(path, folder)
    }
    for (const [folder, project] of old) {
      if (project.service && this.#projects.get(folder)?.service !== project.service)
        project.service.dispose()
    }
  }

  /** Throws when nobody waits for the answer any more. */
  forFile(path: string): CodeProject | undefined {
    if (this.#cancelled()) throw new ts.OperationCanceledException()
    const owner = this.#owners.get(path)
    if (owner !== undefined) return this.#open(owner)
    // A file that is not listed (behind a link, ignored) may still be part of the project around it.
    for (let folder = folderOf(path); ; folder = folderOf(folder)) {
      if (this.#projects.has(folder)) return this.#open(folder)
      if (folder === '') return undefined
    }
  }

  /** The projects one of whose files contains the words, without building the others. */
  mentioning(words: string): readonly CodeProject[] {
    return [...this.#projects.values()]
      .filter((project) => project.paths.some((path) => this.#files.read(path)?.includes(words)))
      .map((project) => this.#open(project.folder))
  }

  all(): readonly CodeProject[] {
    return [...this.#projects.keys()].map((folder) => this.#open(folder))
  }

  dispose(): void {
    for (const project of this.#projects.values()) project.service?.dispose()
  }

  #open(folder: string): CodeProject {
    const project = this.#projects.get(folder)
    if (!project) throw new Error(`no project in ${folder}`)
    project.service ??= ts.createLanguageService(this.#host(folder, project.config), this.#registry)
    return { folder, service: project.service, paths: project.paths }
  }

  #host(folder: string, config: string | undefined): ts.LanguageServiceHost {
    const files = this.#files
    const options = readCompilerOptions(files, folder, config)
    const read = (path: string): string | undefined =>
      inside(files, path, (relative) => files.read(relative)) ?? library(path)
    return {
      getCompilationSettings: () => options,
      getProjectVersion: () => String(files.revision),
      getScriptFileNames: () => (this.#projects.get(folder)?.paths ?? []).map((path) => files.absolute(path)),
      getScriptVersion: (path) => inside(files, path, (relative) => files.version(relative)) ?? '0',
      getScriptSnapshot: (path) => {
        const text = read(path)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => files.absolute(folder),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      useCaseSensitiveFileNames: () => true,
      getCancellationToken: () => ({ isCancellationRequested: this.#cancelled }),
      fileExists: (path) =>
        inside(files, path, (relative) => files.has(relative)) ?? library(path) !== undefined,
      readFile: read,
      readDirectory: () => [],
      directoryExists: (path) =>
        path === files.root ||
        (inside(files, path, (relative) => files.hasFolder(relative)) ?? path === libraryFolder),
      getDirectories: (path) => [
        ...(path === files.root
          ? files.folders('')
          : (inside(files, path, (relative) => files.folders(relative)) ?? [])),
      ],
      realpath: (path) => inside(files, path, (relative) => files.absolute(files.realPath(relative))) ?? path,
    }
  }
}

const libraries = new Map<string, string>()

/** TypeScript's own declarations, the only files outside the workspace that are read. */
function library(path: string): string | undefined {
  if (
    posix.dirname(path) !== libraryFolder ||
    !/^lib\.[\w.]+\.d\.ts$|^lib\.d\.ts$/.test(posix.basename(path))
  )
    return undefined
  let text = libraries.get(path)
  if (text === undefined) {
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
    libraries.set(path, text)
  }
  return text
}

function folderOf(path: string): string {
  const folder = posix.dirname(path)
  return folder === '.' ? '' : folder
}
