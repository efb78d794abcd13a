import type { z } from 'zod'
import { assertNever } from '../../core/lib/assert-never.ts'
import { clipped } from '../../core/lib/clipped.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import { isToolName, type ToolInput, type ToolName, toolSchemas } from '../../core/tools/tool.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { JoinedOutput } from './joined-output.ts'

export interface ToolResult {
  readonly status: 'completed' | 'failed'
  readonly output: string
}

export interface ToolWorld {
  readonly workspace: Workspace
  readonly readText: (path: string) => Promise<string | undefined>
  /** Brings unsaved text to the disk, where a search looks. */
  readonly flush: () => Promise<void>
  /** The model has now seen this file's text. */
  readonly noteRead: (path: string) => Promise<void>
  /** Set when a guest asks: no other files are shown. */
  readonly only: ReadonlySet<string> | undefined
  readonly own?: (name: string, args: unknown) => Promise<ToolResult> | undefined
}

/** Tools that only some threads have; `undefined`: it is none of them. */
export type OwnTools = (
  name: string,
  args: unknown,
  call: {
    readonly thread: ThreadState
    readonly callId: string
    readonly signal: AbortSignal
    /** What it writes while it runs, for people; its result says all that the model is told. */
    readonly output: JoinedOutput
  },
) => Promise<ToolResult> | undefined

/** Runs one of the model's tools. Whatever goes wrong comes back as words for the model. */
export async function runTool(name: string, input: string, world: ToolWorld): Promise<ToolResult> {
  let json: unknown
  try {
    json = JSON.parse(input === '' ? '{}' : input)
  } catch {
    return failed(`The arguments of ${name} were not valid JSON.`)
  }
  const own = world.own?.(name, json)
  if (own) return clippedResult(await own)
  if (!isToolName(name)) return failed(`There is no tool ${name.slice(0, 80)}.`)
  const checked = toolSchemas[name].safeParse(json)
  if (!checked.success) return wrongArguments(name, checked.error)
  try {
    return {
      status: 'completed',
      output: clipped(await run({ name, args: checked.data } as Call, world), limits.toolOutputChars),
    }
  } catch (error) {
    if (error instanceof RequestError) return failed(error.message)
    throw error
  }
}

type Call = { [N in ToolName]: { readonly name: N; readonly args: ToolInput<N> } }[ToolName]

async function run(call: Call, world: ToolWorld): Promise<string> {
  switch (call.name) {
    case 'read_file':
      return readFile(call.args, world)
    case 'list_files':
      return listFiles(call.args, world)
    case 'search':
      return search(call.args, world)
    default:
      return assertNever(call, 'tool')
  }
}

async function readFile(
  { path, start_line, end_line }: ToolInput<'read_file'>,
  world: ToolWorld,
): Promise<string> {
  checkShared(path, world.only)
  await world.workspace.guard.forRead(path)
  await world.noteRead(path)
  const text = await world.readText(path)
  if (text === undefined) throw new RequestError('notFound', `${path} is no text file of this workspace.`)
  const lines = text.split('\n')
  const first = Math.min(start_line ?? 1, lines.length)
  const last = Math.min(end_line ?? lines.length, lines.length, first + limits.readFileLines - 1)
  if (first === 1 && last === lines.length) return text
  return `Lines ${first}-${last} of ${lines.length}:\n${lines.slice(first - 1, last).join('\n')}`
}

/** A guest's turn reaches no further than the guest. */
function checkShared(path: string, only: ReadonlySet<string> | undefined): void {
  if (!only || only.has(path)) return
  throw new RequestError('pathDenied', `${path} is not shared with the guest who asks.`)
}

async function listFiles({ path }: ToolInput<'list_files'>, { workspace, only }: ToolWorld): Promise<string> {
  if (only) return [...only].sort().join('\n') || '(empty)'
  const folder = path === undefined || path === '.' || path === './' ? '' : path
  const { entries, truncated } = await workspace.list(folder)
  const names = entries
    .filter(({ ignored }) => !ignored)
    .map(({ name, kind }) => (kind === 'folder' ? `${name}/` : name))
  return `${names.join('\n')}${truncated ? '\n(more entries are not shown)' : ''}` || '(empty)'
}

async function search(args: ToolInput<'search'>, { workspace, flush, only }: ToolWorld): Promise<string> {
  await flush()
  const { matches: all, truncated } = await workspace.search({
    query: args.query,
    regex: args.regex ?? false,
    caseSensitive: args.case_sensitive ?? false,
    ...(args.include !== undefined && { include: args.include }),
    limit: limits.searchResults,
  })
  const matches = only ? all.filter(({ path }) => only.has(path)) : all
  if (matches.length === 0) return 'No matches.'
  const lines = matches.map(({ path, line, text }) => `${path}:${line}: ${text.trimEnd().slice(0, 300)}`)
  return `${lines.join('\n')}${truncated && !only ? '\n(more matches are not shown)' : ''}`
}

function clippedResult({ status, output }: ToolResult): ToolResult {
  return { status, output: clipped(output, limits.toolOutputChars) }
}

export function wrongArguments(name: string, { issues }: z.ZodError): ToolResult {
  const issue = issues[0]
  return failed(`Wrong arguments for ${name}: ${issue?.path.join('.')} ${issue?.message}`)
}

function failed(output: string): ToolResult {
  return { status: 'failed', output }
}
