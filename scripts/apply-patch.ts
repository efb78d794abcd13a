// npm run -s apply-patch -- --cwd DIR < patch: applies a patch with the product's own engine.
import { lstat, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { applyPatch, type PatchFileHeader, patchFileHeaders } from '../core/patch/apply-patch.ts'
import { writeAtomic } from '../server/workspace/atomic-write.ts'
import { createPathGuard } from '../server/workspace/path-guard.ts'
import type { PathGuard } from '../server/workspace/workspace.ts'

const usage = `usage: npm run -s apply-patch -- [--cwd DIR] < PATCH

Applies a patch in the apply_patch format to the files in DIR (default: the current folder):

  *** Begin Patch
  *** Update File: src/hello.ts
  @@ export function hello() {
  -  return 'hello'
  +  return 'hello, world'
  *** End Patch

All files change or none. Paths stay inside DIR. Prints what changed and exits with 0, or says on
standard error why nothing did and exits with 1. Line ends and byte order marks stay as they are.
`

/** How a file's text is written in bytes. */
interface TextForm {
  readonly mark: boolean
  readonly crlf: boolean
}

type Problem = { readonly problem: string }

interface LoadedFile {
  readonly absolute: string
  readonly form: TextForm
  readonly mode: number
  readonly text: string | Problem | undefined
}

type Undo = () => Promise<unknown>

const plainForm: TextForm = { mark: false, crlf: false }

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { cwd: { type: 'string', default: '.' }, help: { type: 'boolean', short: 'h', default: false } },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  // npm runs scripts in the package's folder; INIT_CWD is where the person is.
  const guard = createPathGuard(resolve(process.env.INIT_CWD ?? '.', values.cwd))
  const patch = decode(await buffer(process.stdin))
  if (patch === undefined) return fail('Invalid patch: it is not valid UTF-8')
  const headers = patchFileHeaders(patch.text)
  if (!headers.ok) return fail(headers.error)
  const files = await loadFiles(guard, headers.value)
  const result = applyPatch(patch.text, { get: (path) => files.get(path)?.text })
  if (!result.ok) return fail(result.error)
  const problem = await writeFiles(files, result.value.changes)
  if (problem !== undefined) return fail(problem)
  process.stdout.write(`${result.value.message}\n`)
  return 0
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`)
  return 1
}

async function loadFiles(
  guard: PathGuard,
  headers: readonly PatchFileHeader[],
): Promise<ReadonlyMap<string, LoadedFile>> {
  const files = new Map<string, LoadedFile>()
  for (const { path, kind, movedTo } of headers) {
    const file = files.get(path) ?? (await loadFile(guard, path, kind))
    files.set(path, withoutAlias(files, path, file))
    // A link cannot be removed through the guard, which sees what it leads to.
    const goes = file.absolute !== '' && (kind === 'delete' || movedTo !== undefined)
    if (goes && (await isLink(join(guard.root, path)))) {
      files.set(path, { ...file, text: { problem: `Failed to delete file ${path}: it is a link` } })
    }
    if (movedTo === undefined || movedTo === path) continue
    const destination = await loadFile(guard, movedTo, 'add')
    const { form, mode } = file
    files.set(movedTo, withoutAlias(files, movedTo, { ...destination, form, mode }))
  }
  return files
}

/** One file under two names would be changed twice from the same text. */
function withoutAlias(files: ReadonlyMap<string, LoadedFile>, path: string, file: LoadedFile): LoadedFile {
  for (const [other, { absolute }] of files) {
    if (other === path || absolute !== file.absolute || absolute === '') continue
    return { ...file, text: { problem: `${path} and ${other} are the same file` } }
  }
  return file
}

async function loadFile(guard: PathGuard, path: string, kind: PatchFileHeader['kind']): Promise<LoadedFile> {
  const none = { absolute: '', form: plainForm, mode: 0o644 }
  try {
    const absolute = await guard.forWrite(path.replace(/^(?:\.\/+)+/, ''))
    const found = await stat(absolute).catch(() => undefined)
    if (found === undefined) return { ...none, absolute, text: undefined }
    const file = { ...none, absolute, mode: found.mode & 0o777 }
    if (!found.isFile()) return { ...file, text: { problem: notAFile(path, kind) } }
    const decoded = decode(await readFile(absolute))
    if (decoded !== undefined) return { ...file, ...decoded }
    const problem = `Failed to read file to update ${path}: stream did not contain valid UTF-8`
    return { ...file, text: kind === 'update' ? { problem } : '' }
  } catch (error) {
    return { ...none, text: { problem: `${failure[kind]} ${path}: ${wordsOf(error)}` } }
  }
}

const failure = {
  add: 'Failed to write file',
  update: 'Failed to read file to update',
  delete: 'Failed to delete file',
} as const

function notAFile(path: string, kind: PatchFileHeader['kind']): string {
  return kind === 'delete'
    ? `${failure.delete} ${path}`
    : `${failure[kind]} ${path}: path \`${path}\` is not a file`
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isSymbolicLink() ?? false
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The text with `\n` line ends; none when the bytes are not UTF-8. Mixed line ends are left as they are. */
function decode(bytes: Uint8Array): { readonly text: string; readonly form: TextForm } | undefined {
  try {
    const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const mark = whole.startsWith('\ufeff')
    const text = mark ? whole.slice(1) : whole
    const crlf = text.includes('\r\n') && !/(?<!\r)\n/.test(text)
    return { text: crlf ? text.replaceAll('\r\n', '\n') : text, form: { mark, crlf } }
  } catch {
    return undefined
  }
}

function encode(text: string, { mark, crlf }: TextForm): Uint8Array {
  const body = crlf ? text.replaceAll('\n', '\r\n') : text
  return new TextEncoder().encode(mark ? `\ufeff${body}` : body)
}

/** Writes every change, new texts before removals; when one fails the ones before it are taken back. */
async function writeFiles(
  files: ReadonlyMap<string, LoadedFile>,
  changes: ReadonlyMap<string, string | undefined>,
): Promise<string | undefined> {
  const undone: Undo[] = []
  const ordered = [...changes].sort(([, a], [, b]) => Number(a === undefined) - Number(b === undefined))
  for (const [path, text] of ordered) {
    const file = files.get(path)
    if (file === undefined) continue
    try {
      if (text === undefined) await removeFile(file, undone)
      else await writeFile(file, text, undone)
    } catch (error) {
      for (const undo of undone.reverse()) await undo()
      return `${text === undefined ? failure.delete : failure.add} ${path}: ${wordsOf(error)}`
    }
  }
  return undefined
}

async function writeFile({ absolute, form, mode }: LoadedFile, text: string, undone: Undo[]): Promise<void> {
  const made = await mkdir(dirname(absolute), { recursive: true })
  if (made !== undefined) undone.push(() => rm(made, { recursive: true }))
  const restore = await restorer(absolute)
  await writeAtomic(absolute, encode(text, form), mode)
  undone.push(restore)
}

async function removeFile({ absolute }: LoadedFile, undone: Undo[]): Promise<void> {
  const restore = await restorer(absolute)
  // What the same patch made and took away again was never there.
  await rm(absolute, { force: true })
  undone.push(restore)
}

/** Brings the file back to what it is now. */
async function restorer(absolute: string): Promise<Undo> {
  const found = await stat(absolute).catch(() => undefined)
  if (found === undefined) return () => rm(absolute, { force: true })
  const bytes = await readFile(absolute)
  return () => writeAtomic(absolute, bytes, found.mode & 0o777)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    process.stderr.write(`${wordsOf(error)}\n\n${usage}`)
    process.exitCode = 2
  },
)
