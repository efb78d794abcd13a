import ts from 'typescript'
import type { Command, ExtractKind } from '../command.ts'
import { isCode } from '../project/code-projects.ts'
import type { Selection } from '../request-context.ts'
import {
  applySpans,
  type CodeFile,
  draftChanges,
  formatOf,
  offsetOf,
  openCode,
  preferences,
  walk,
} from './code-edits.ts'
import { CannotDo, code, type Workbench } from './workbench.ts'

const nouns: Readonly<Record<ExtractKind, readonly [english: string, chinese: string]>> = {
  function: ['function', '函数'],
  constant: ['constant', '常量'],
  type: ['type', '类型'],
}

/** Moves the selection, or the named piece of code, into a function, constant or type of its own. */
export function extract(bench: Workbench, command: Extract<Command, { type: 'extract' }>): string {
  const { say, files, context } = bench
  const path = context.activeFile
  if (path === undefined || !isCode(path)) {
    throw new CannotDo(
      say(
        'Open a TypeScript or JavaScript file, select the code to extract and ask again.',
        '请打开一个 TypeScript 或 JavaScript 文件，选中要提取的代码，再说一次。',
      ),
    )
  }
  const file = openCode(bench, path)
  const [english, chinese] = nouns[command.what]
  for (const range of candidateRanges(bench, file, command.code, command.what)) {
    const action = findAction(file, range, command.what)
    if (!action) continue
    const format = formatOf(file.source.text)
    const edits = file.project.service.getEditsForRefactor(
      file.name,
      format,
      range,
      action.refactor,
      action.action,
      preferences,
    )
    if (!edits || edits.edits.length === 0) continue
    draftChanges(files, edits.edits)
    const name = nameIt(bench, path, edits, command.name)
    return say(
      `Extracting the ${english} ${code(name)} in ${code(path)}.`,
      `在 ${code(path)} 中提取${chinese} ${code(name)}。`,
    )
  }
  throw new CannotDo(
    say(
      `The selection cannot become a ${english}: select whole statements or one whole expression, then ask again.`,
      `无法把选中的内容提取为${chinese}：请选中完整的语句或一个完整的表达式，再说一次。`,
    ),
  )
}

/** The selection without the space around it, then the expressions in it, the largest first. */
function candidateRanges(
  bench: Workbench,
  file: CodeFile,
  quoted: string | undefined,
  what: ExtractKind,
): readonly ts.TextRange[] {
  const { source } = file
  const { cursor, selection } = bench.context
  const near = cursor ? offsetOf(source, cursor.line, cursor.column) : 0
  if (quoted !== undefined) {
    const hits = occurrences(source.text, quoted).sort((a, b) => Math.abs(a - near) - Math.abs(b - near))
    return hits.map((pos) => ({ pos, end: pos + quoted.length }))
  }
  const range = selection
    ? selectedRange(source, selection)
    : cursor
      ? lineRange(source, cursor.line)
      : undefined
  if (!range) {
    throw new CannotDo(bench.say('Select the code to extract first.', '请先选中要提取的代码。'))
  }
  const text = source.text.slice(range.pos, range.end)
  const pos = range.pos + (text.length - text.trimStart().length)
  const end = pos + text.trim().length
  const inside: ts.TextRange[] = []
  walk(source, (node) => {
    const start = node.getStart(source)
    if (node.getEnd() < pos || start > end) return false
    const fits = start >= pos && node.getEnd() <= end
    if (fits && what === 'constant' && ts.isExpression(node) && !ts.isIdentifier(node) && !isCallee(node)) {
      inside.push({ pos: start, end: node.getEnd() })
    }
    if (fits && what === 'type' && ts.isTypeNode(node)) inside.push({ pos: start, end: node.getEnd() })
    return undefined
  })
  inside.sort((a, b) => b.end - b.pos - (a.end - a.pos))
  return [{ pos, end }, ...inside]
}

function isCallee(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && node.parent.expression === node
}

function occurrences(text: string, words: string): number[] {
  const found: number[] = []
  for (let i = text.indexOf(words); i >= 0; i = text.indexOf(words, i + 1)) found.push(i)
  return found
}

function selectedRange(source: ts.SourceFile, selection: Selection): ts.TextRange {
  const from = offsetOf(source, selection.startLine, 1)
  const exact = selection.text === undefined ? -1 : source.text.indexOf(selection.text, from)
  if (selection.text !== undefined && exact >= 0 && exact <= lineRange(source, selection.startLine).end) {
    return { pos: exact, end: exact + selection.text.length }
  }
  const pos = offsetOf(source, selection.startLine, selection.startColumn ?? 1)
  const end =
    selection.endColumn === undefined
      ? lineRange(source, selection.endLine).end
      : offsetOf(source, selection.endLine, selection.endColumn)
  return { pos, end: Math.max(pos, end) }
}

function lineRange(source: ts.SourceFile, line: number): ts.TextRange {
  return { pos: offsetOf(source, line, 1), end: offsetOf(source, line, Number.MAX_SAFE_INTEGER) }
}

function findAction(
  file: CodeFile,
  range: ts.TextRange,
  what: ExtractKind,
): { refactor: string; action: string } | undefined {
  const refactors = file.project.service.getApplicableRefactors(
    file.name,
    range,
    preferences,
    'invoked',
    `refactor.extract.${what}`,
  )
  for (const refactor of refactors) {
    const actions = refactor.actions.filter(
      (action) => !action.notApplicableReason && action.kind?.startsWith(`refactor.extract.${what}`),
    )
    // A function goes to the outermost scope, where others can use it; a constant stays beside its use.
    const action = what === 'function' ? actions.at(-1) : actions[0]
    if (action) return { refactor: refactor.name, action: action.name }
  }
  return undefined
}

/** Gives what was extracted the wanted name; answers the name it has. */
function nameIt(
  bench: Workbench,
  path: string,
  edits: ts.RefactorEditInfo,
  wanted: string | undefined,
): string {
  const { source, project, name } = openCode(bench, path)
  const offset = edits.renameLocation
  const given = offset === undefined ? undefined : /^[\w$]+/.exec(source.text.slice(offset))?.[0]
  if (offset === undefined || given === undefined) return wanted ?? 'it'
  if (wanted === undefined || wanted === given) return given
  const locations = project.service.findRenameLocations(name, offset, false, false, preferences) ?? []
  const text = applySpans(
    source.text,
    locations.map((location) => ({
      span: location.textSpan,
      newText: `${location.prefixText ?? ''}${wanted}${location.suffixText ?? ''}`,
    })),
  )
  bench.files.write(path, text)
  return wanted
}
