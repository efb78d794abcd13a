import { posix } from 'node:path'
import type { Where } from '../command.ts'
import { type CodeProjects, isCode } from '../project/code-projects.ts'
import type { ProjectFiles } from '../project/project-files.ts'
import type { RequestContext } from '../request-context.ts'

/** What a command works with. It writes drafts into `files` and answers in words. */
export interface Workbench {
  readonly files: ProjectFiles
  readonly code: CodeProjects
  readonly context: RequestContext
  /** The sentence in the language of the request. */
  readonly say: (english: string, chinese: string) => string
}

/** Why a command changed nothing, in words for the person. */
export class CannotDo extends Error {}

/** A link to a line, as markdown. */
export function lineLink(path: string, line: number): string {
  return `[${path.replace(/[[\]]/g, '\\$&')}:${line}](${encodeURI(path).replace(/[()]/g, encodeURIComponent)}#L${line})`
}

export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Source in a fence longer than any inside it. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

/** The file a person means: exact, then by ending, then by bare name. */
export function findFile(bench: Workbench, name: string): string | undefined {
  const path = posix.normalize(name.replace(/^\.?\//, '').replace(/^@/, ''))
  if (path === '..' || path.startsWith('../')) return undefined
  if (bench.files.has(path)) return path
  const ending = bench.files.list().filter((file) => file.endsWith(`/${path}`))
  if (ending.length > 0) return ending.sort((a, b) => a.length - b.length)[0]
  const stem = bench.files.list().filter((file) => posix.basename(file).replace(/\.\w+$/, '') === path)
  return stem.length === 1 ? stem[0] : undefined
}

/** Files with code a command should work on; says so when there are none. */
export function codeFiles(bench: Workbench, where: Where): readonly string[] {
  if (where.kind === 'file') {
    const path = findFile(bench, where.path)
    if (path === undefined) throw noSuchFile(bench, where.path)
    if (!isCode(path)) throw notCode(bench, path)
    return [path]
  }
  const { activeFile } = bench.context
  if (where.kind === 'active' && activeFile !== undefined) {
    if (!isCode(activeFile)) throw notCode(bench, activeFile)
    return [activeFile]
  }
  const all = bench.files.list().filter((path) => isCode(path) && !path.endsWith('.d.ts'))
  if (all.length === 0) {
    throw new CannotDo(
      bench.say(
        'There is no TypeScript or JavaScript in this workspace.',
        '这个工作区里没有 TypeScript 或 JavaScript 文件。',
      ),
    )
  }
  return all
}

export function noSuchFile(bench: Workbench, path: string): CannotDo {
  return new CannotDo(bench.say(`I found no file ${code(path)} here.`, `这里没有找到文件 ${code(path)}。`))
}

function notCode(bench: Workbench, path: string): CannotDo {
  return new CannotDo(
    bench.say(
      `${code(path)} is not TypeScript or JavaScript. Open the file you mean, or name it: “… in src/app.ts”.`,
      `${code(path)} 不是 TypeScript 或 JavaScript 文件。请打开目标文件，或说出它的名字：“在 src/app.ts 中……”。`,
    ),
  )
}
