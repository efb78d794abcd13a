import { posix } from 'node:path'
import ts from 'typescript'
import { isCode } from '../project/code-projects.ts'
import { openCode } from './code-edits.ts'
import { summariseDocument } from './document-summary.ts'
import { findSymbol, identifierAt } from './find-symbol.ts'
import { findUses } from './usages.ts'
import { CannotDo, code, fenced, findFile, lineLink, plural, type Workbench } from './workbench.ts'

/** Says what is known of a symbol or a file: facts from the language service, no guesses. */
export function explain(bench: Workbench, subject: string | undefined): string {
  const { activeFile, cursor } = bench.context
  if (subject === undefined) {
    if (activeFile === undefined) {
      throw new CannotDo(
        bench.say(
          'Open a file, or name a file or symbol: “explain priceFor”.',
          '请打开一个文件，或说出文件或符号的名字：“解释 priceFor”。',
        ),
      )
    }
    const onSymbol =
      cursor !== undefined &&
      bench.context.selection === undefined &&
      isCode(activeFile) &&
      /解释$|^explain\W*$|symbol|符号|this\W*$/i.test(bench.context.words) &&
      identifierAtCursor(bench, activeFile, cursor.line, cursor.column)
    return onSymbol ? explainSymbol(bench, undefined) : explainFile(bench, activeFile)
  }
  const named = /[./]/.test(subject) ? findFile(bench, subject) : undefined
  if (named !== undefined) return explainFile(bench, named)
  try {
    return explainSymbol(bench, subject)
  } catch (error) {
    const file = error instanceof CannotDo ? findFile(bench, subject) : undefined
    if (file === undefined) throw error
    return explainFile(bench, file)
  }
}

function identifierAtCursor(bench: Workbench, path: string, line: number, column: number): boolean {
  const { source } = openCode(bench, path)
  return (
    identifierAt(
      source,
      source.getPositionOfLineAndCharacter(Math.min(line, source.getLineStarts().length) - 1, 0) + column - 1,
    ) !== undefined
  )
}

function explainSymbol(bench: Workbench, name: string | undefined): string {
  const { say } = bench
  const symbol = findSymbol(bench, name)
  const { project, name: file } = openCode(bench, symbol.path)
  const info = project.service.getQuickInfoAtPosition(file, symbol.offset)
  if (!info)
    throw new CannotDo(
      say(
        `TypeScript knows nothing about ${code(symbol.name)}.`,
        `TypeScript 没有关于 ${code(symbol.name)} 的信息。`,
      ),
    )
  const uses = findUses(bench, symbol).filter((use) => !use.declaration)
  const files = [...new Set(uses.map((use) => use.path))]
  const docs = ts.displayPartsToString(info.documentation).trim()
  const tags = (info.tags ?? []).map((tag) => `- @${tag.name} ${ts.displayPartsToString(tag.text)}`.trimEnd())
  const kind = bench.context.language === 'zh' ? (chineseKinds[info.kind] ?? info.kind) : info.kind
  const parts = [
    say(
      `${code(symbol.name)} is a ${kind}, declared in ${lineLink(symbol.path, symbol.line)}.`,
      `${code(symbol.name)} 是一个${kind}，声明于 ${lineLink(symbol.path, symbol.line)}。`,
    ),
    fenced(ts.displayPartsToString(info.displayParts), 'ts'),
  ]
  if (docs !== '') parts.push(fenced(docs, 'text'))
  if (tags.length > 0) parts.push(fenced(tags.join('\n'), 'text'))
  const where = files
    .slice(0, 5)
    .map((path) => code(path))
    .join(', ')
  const more = files.length > 5 ? say(` and ${files.length - 5} more`, ` 等 ${files.length} 个文件`) : ''
  parts.push(
    uses.length === 0
      ? say('It is used nowhere.', '它没有被使用。')
      : say(
          `It is used in ${plural(uses.length, 'place')}: ${where}${more}.`,
          `共有 ${uses.length} 处使用：${where}${more}。`,
        ),
  )
  return parts.join('\n\n')
}

const chineseKinds: Readonly<Record<string, string>> = {
  function: '函数',
  'local function': '局部函数',
  const: '常量',
  let: '变量',
  var: '变量',
  class: '类',
  interface: '接口',
  type: '类型别名',
  method: '方法',
  property: '属性',
  parameter: '参数',
  enum: '枚举',
  alias: '导入别名',
  'local var': '局部变量',
}

const shownExports = 30

function explainFile(bench: Workbench, path: string): string {
  const { say } = bench
  const text = bench.files.read(path)
  if (text === undefined)
    throw new CannotDo(say(`I cannot read ${code(path)} as text.`, `无法读取文本文件 ${code(path)}。`))
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  if (!isCode(path)) return summariseDocument(bench, path, text, lines)
  const { program, source } = openCode(bench, path)
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(source)
  const exported = module ? checker.getExportsOfModule(module) : []
  const imports = source.statements.flatMap((node) =>
    ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)
      ? [code(node.moduleSpecifier.text)]
      : [],
  )
  const importers = bench.code
    .mentioning(posix.basename(path).replace(/\.\w+$/, ''))
    .flatMap((project) => project.paths.filter((other) => importsFile(bench, other, path)))
  const parts = [
    say(
      `${code(path)}: ${plural(lines, 'line')} of ${languageOf(path)}${/\.(test|spec)\./.test(path) ? ', a test' : ''}.`,
      `${code(path)}：${lines} 行 ${languageOf(path)}${/\.(test|spec)\./.test(path) ? '，是测试文件' : ''}。`,
    ),
  ]
  if (exported.length > 0) {
    const list = exported.slice(0, shownExports).map((symbol) => {
      const declaration = symbol.declarations?.[0]
      const line = declaration
        ? declaration.getSourceFile().getLineAndCharacterOfPosition(declaration.getStart()).line + 1
        : 1
      const own = declaration ? (bench.files.relative(declaration.getSourceFile().fileName) ?? path) : path
      const docs = ts.displayPartsToString(symbol.getDocumentationComment(checker)).split('\n')[0] ?? ''
      return `- ${lineLink(own, line)} ${code(signatureOf(checker, symbol, source))}${docs === '' ? '' : ` ${code(docs.slice(0, 160))}`}`
    })
    parts.push(`${say('It exports:', '它导出：')}\n\n${list.join('\n')}`)
  } else parts.push(say('It exports nothing.', '它没有导出任何内容。'))
  if (imports.length > 0)
    parts.push(say(`It imports from ${imports.join(', ')}.`, `它导入自 ${imports.join('、')}。`))
  const users = importers.slice(0, 8).map((other) => code(other))
  if (users.length > 0) {
    const more =
      importers.length > 8 ? say(` and ${importers.length - 8} more`, ` 等 ${importers.length} 个文件`) : ''
    parts.push(say(`It is imported by ${users.join(', ')}${more}.`, `被 ${users.join('、')}${more} 导入。`))
  }
  return parts.join('\n\n')
}

function importsFile(bench: Workbench, from: string, target: string): boolean {
  const text = bench.files.read(from)
  const stem = posix.basename(target).replace(/\.\w+$/, '')
  if (from === target || !text?.includes(stem)) return false
  const base = bench.files.absolute(posix.dirname(from))
  return ts.preProcessFile(text, true, true).importedFiles.some(({ fileName }) => {
    if (!fileName.startsWith('.')) return false
    const resolved = posix.join(base, fileName).replace(/\.[cm]?[jt]sx?$/, '')
    const wanted = bench.files.absolute(target).replace(/\.[cm]?[jt]sx?$/, '')
    return resolved === wanted || `${resolved}/index` === wanted
  })
}

function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol, source: ts.SourceFile): string {
  const real = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  if (real.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) return `type ${symbol.name}`
  if (real.flags & ts.SymbolFlags.Class) return `class ${symbol.name}`
  if (real.flags & ts.SymbolFlags.Enum) return `enum ${symbol.name}`
  const type = checker.getTypeOfSymbolAtLocation(real, source)
  const [call] = type.getCallSignatures()
  const text = call
    ? `${symbol.name}${checker.signatureToString(call, source)}`
    : `${symbol.name}: ${checker.typeToString(type, source)}`
  return text.length > 200 ? `${text.slice(0, 197)}…` : text
}

function languageOf(path: string): string {
  return /\.[cm]?tsx?$/.test(path) ? 'TypeScript' : 'JavaScript'
}
