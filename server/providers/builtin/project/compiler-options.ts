import { posix } from 'node:path'
import ts from 'typescript'
import type { ProjectFiles } from './project-files.ts'

/** For folders without a tsconfig: forgiving, modern, checks JavaScript so that its errors can be fixed. */
const plainOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
  lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  jsx: ts.JsxEmit.Preserve,
  checkJs: true,
  strict: false,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
}

/** Whatever a tsconfig says: nothing is written, JavaScript beside the TypeScript takes part. */
const always: ts.CompilerOptions = {
  allowJs: true,
  noEmit: true,
  skipLibCheck: true,
  composite: false,
  incremental: false,
}

/**
 * The options of a folder: its tsconfig (or jsconfig) with what it extends, as far as that lies in the workspace. Plugins are
 * never loaded: the language service is made by hand and knows none.
 */
export function readCompilerOptions(
  files: ProjectFiles,
  folder: string,
  config: string | undefined,
): ts.CompilerOptions {
  if (config === undefined) return { ...plainOptions, ...always }
  const parsed = parseConfig(files, config)
  const reference =
    parsed.raw?.compilerOptions === undefined ? firstReference(files, folder, parsed.raw) : undefined
  const options = reference === undefined ? parsed.options : parseConfig(files, reference).options
  const {
    outFile: _outFile,
    tsBuildInfoFile: _buildInfo,
    declarationMap: _map,
    plugins: _plugins,
    ...rest
  } = options
  return { ...rest, ...always, ...(rest.declaration ? { declaration: false } : {}) }
}

function parseConfig(files: ProjectFiles, config: string): ts.ParsedCommandLine {
  const host: ts.ParseConfigHost = {
    useCaseSensitiveFileNames: true,
    readDirectory: () => [],
    fileExists: (path) => inside(files, path, (relative) => files.has(relative)) ?? false,
    readFile: (path) => inside(files, path, (relative) => files.read(relative)),
  }
  const source = ts.readConfigFile(files.absolute(config), host.readFile)
  const base = posix.dirname(files.absolute(config))
  return ts.parseJsonConfigFileContent(source.config ?? {}, host, base, {}, files.absolute(config))
}

/** A solution file (Vite's tsconfig.json) only points at the one with the options. */
function firstReference(files: ProjectFiles, folder: string, raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !('references' in raw) || !Array.isArray(raw.references))
    return undefined
  for (const reference of raw.references) {
    const path: unknown = reference?.path
    if (typeof path !== 'string') continue
    const target = posix.join(folder, path)
    const file = target.endsWith('.json') ? target : posix.join(target, 'tsconfig.json')
    if (posix.dirname(file) === (folder === '' ? '.' : folder) && files.has(file)) return file
  }
  return undefined
}

export function inside<T>(
  files: ProjectFiles,
  absolute: string,
  use: (relative: string) => T,
): T | undefined {
  const relative = files.relative(absolute)
  return relative === undefined ? undefined : use(relative)
}
