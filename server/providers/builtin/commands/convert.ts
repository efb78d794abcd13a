import ts from 'typescript'
import type { Command, ConvertKind } from '../command.ts'
import { isCode } from '../project/code-projects.ts'
import { type CodeFile, draftChanges, formatOf, offsetOf, openCode, preferences, walk } from './code-edits.ts'
import { findSymbol, identifierAt } from './find-symbol.ts'
import { functionToArrow } from './function-to-arrow.ts'
import { CannotDo, code, codeFiles, plural, type Workbench } from './workbench.ts'

const nouns: Readonly<Record<ConvertKind, readonly [english: string, chinese: string]>> = {
  arrow: ['an arrow function', '箭头函数'],
  function: ['a function declaration', '普通函数'],
  import: ['ES module imports', 'ES 模块导入'],
  template: ['template literals', '模板字符串'],
  named: ['a named export', '具名导出'],
  default: ['a default export', '默认导出'],
  async: ['async and await', 'async/await'],
}

/** Rewrites one form of code as another with the same meaning. */
export function convert(bench: Workbench, command: Extract<Command, { type: 'convert' }>): string {
  const paths = placesOf(bench, command)
  let count = 0
  const changed = new Set<string>()
  for (const { path, offset } of paths) {
    const done = convertFile(bench, path, command.to, offset)
    count += done
    if (done > 0) changed.add(path)
  }
  const [english, chinese] = nouns[command.to]
  if (count === 0) {
    throw new CannotDo(
      bench.say(`I found nothing here that can become ${english}.`, `这里没有可以转换为${chinese}的代码。`),
    )
  }
  const [only] = changed
  const place = changed.size === 1 && only !== undefined ? code(only) : plural(changed.size, 'file')
  const placeChinese = changed.size === 1 ? place : `${changed.size} 个文件`
  return bench.say(
    `Converting ${count === 1 ? 'it' : plural(count, 'place')} to ${english} in ${place}.`,
    `在 ${placeChinese} 中转换为${chinese}（${count} 处）。`,
  )
}

interface Place {
  readonly path: string
  /** Where in the file, when one place is meant. */
  readonly offset: number | undefined
}

function placesOf(
  bench: Workbench,
  { to, symbol, where }: Extract<Command, { type: 'convert' }>,
): readonly Place[] {
  if (symbol !== undefined) {
    const { path, offset } = findSymbol(bench, symbol)
    return [{ path, offset }]
  }
  const { activeFile, cursor, selection } = bench.context
  const pointed = to === 'arrow' || to === 'function' || to === 'async'
  if (pointed && where.kind === 'active' && activeFile !== undefined && isCode(activeFile)) {
    const { source } = openCode(bench, activeFile)
    const line = selection?.startLine ?? cursor?.line
    if (line === undefined)
      throw new CannotDo(
        bench.say('Put the cursor on the function you mean.', '请把光标放在要转换的函数上。'),
      )
    return [
      {
        path: activeFile,
        offset: offsetOf(source, line, selection ? (selection.startColumn ?? 1) : (cursor?.column ?? 1)),
      },
    ]
  }
  if (where.kind === 'active' && activeFile === undefined && to !== 'import' && to !== 'template') {
    throw new CannotDo(bench.say('Open the file you mean first.', '请先打开要转换的文件。'))
  }
  return codeFiles(bench, where).map((path) => ({ path, offset: undefined }))
}

function convertFile(bench: Workbench, path: string, to: ConvertKind, offset: number | undefined): number {
  switch (to) {
    case 'arrow':
    case 'function':
      return convertFunction(bench, path, to, offset ?? 0)
    case 'import':
      return applyFixes(bench, path, new Set([80001, 80005]), undefined)
    case 'async':
      return applyFixes(bench, path, new Set([80006]), offset)
    case 'template':
      return convertConcatenations(bench, path)
    case 'named':
    case 'default':
      return convertExport(bench, path, to, offset)
  }
}

function convertFunction(bench: Workbench, path: string, to: 'arrow' | 'function', offset: number): number {
  const file = openCode(bench, path)
  const target = functionAround(file.source, offset, to)
  if (!target) return 0
  if (to === 'arrow' && ts.isFunctionDeclaration(target)) {
    const text = functionToArrow(file, target)
    if (text === undefined) {
      throw new CannotDo(
        bench.say(
          'That function cannot become an arrow function: it uses `this` or `arguments`, is a generator, has overloads, or is used before it is declared.',
          '这个函数无法改成箭头函数：它使用了 `this` 或 `arguments`，或是生成器、有重载，或在声明之前就被使用。',
        ),
      )
    }
    bench.files.write(path, text)
    return 1
  }
  const at = target.getStart(file.source)
  return applyRefactor(bench, file, at, `refactor.rewrite.function.${to === 'arrow' ? 'arrow' : 'named'}`)
    ? 1
    : 0
}

/** The nearest function around the offset, or the first on its line, that is not yet of the wanted form. */
function functionAround(
  source: ts.SourceFile,
  offset: number,
  to: 'arrow' | 'function',
): ts.SignatureDeclaration | undefined {
  const line = source.getLineAndCharacterOfPosition(offset).line
  let around: ts.SignatureDeclaration | undefined
  let onLine: ts.SignatureDeclaration | undefined
  walk(source, (node) => {
    const wanted = to === 'arrow' ? ts.isFunctionDeclaration(node) : ts.isArrowFunction(node)
    if (!(wanted || ts.isFunctionExpression(node)) || !ts.isFunctionLike(node)) return undefined
    const owner = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : node
    if (owner.getStart(source) <= offset && offset <= owner.getEnd()) around = node
    if (source.getLineAndCharacterOfPosition(owner.getStart(source)).line === line) onLine ??= node
    return undefined
  })
  return onLine ?? around
}

function convertConcatenations(bench: Workbench, path: string): number {
  let count = 0
  let passed = 0
  while (count + passed < 500) {
    const file = openCode(bench, path)
    const next = concatenations(file.source)[passed]
    if (!next) break
    if (applyRefactor(bench, file, next.getStart(file.source), 'refactor.rewrite.string')) count++
    else passed++
  }
  return count
}

/** Outermost `a + b` chains with a string literal among their parts. */
function concatenations(source: ts.SourceFile): readonly ts.Node[] {
  const found: ts.Node[] = []
  walk(source, (node) => {
    if (!isPlus(node)) return undefined
    if (hasText(node) && !allText(node)) found.push(node)
    return false
  })
  return found
}

function isPlus(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken
}

function hasText(node: ts.Node): boolean {
  return isPlus(node) ? hasText(node.left) || hasText(node.right) : ts.isStringLiteral(node)
}

function allText(node: ts.Node): boolean {
  return isPlus(node) ? allText(node.left) && allText(node.right) : ts.isStringLiteralLike(node)
}

function convertExport(
  bench: Workbench,
  path: string,
  to: 'named' | 'default',
  offset: number | undefined,
): number {
  const file = openCode(bench, path)
  const name = offset === undefined ? undefined : identifierAt(file.source, offset)?.text
  const candidates = file.source.statements.filter((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
    const exported =
      ts.isExportAssignment(statement) || modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    const isDefault =
      ts.isExportAssignment(statement) || modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
    const named = name === undefined || namesOf(statement).includes(name)
    return exported && named && Boolean(isDefault) === (to === 'named')
  })
  if (to === 'default' && candidates.length > 1) {
    throw new CannotDo(
      bench.say(
        `${code(path)} has several named exports. Say which: “convert ${code('name')} to a default export”.`,
        `${code(path)} 有多个具名导出。请指明是哪一个：“把 ${code('name')} 改为默认导出”。`,
      ),
    )
  }
  const [statement] = candidates
  if (!statement) return 0
  const range = {
    pos: statement.getStart(file.source),
    end: statement.getStart(file.source) + 'export'.length,
  }
  return applyRefactor(bench, file, range, 'refactor.rewrite.export') ? 1 : 0
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => (ts.isIdentifier(name) ? name.text : ''))
  }
  if (ts.isExportAssignment(statement))
    return ts.isIdentifier(statement.expression) ? [statement.expression.text] : []
  const declared =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  return declared && statement.name ? [statement.name.text] : []
}

function applyRefactor(bench: Workbench, file: CodeFile, at: number | ts.TextRange, kind: string): boolean {
  const { service } = file.project
  for (const refactor of service.getApplicableRefactors(file.name, at, preferences, 'invoked', kind)) {
    const action = refactor.actions.find(
      (candidate) => !candidate.notApplicableReason && candidate.kind?.startsWith(kind),
    )
    if (!action) continue
    const edits = service.getEditsForRefactor(
      file.name,
      formatOf(file.source.text),
      at,
      refactor.name,
      action.name,
      preferences,
    )
    if (edits && edits.edits.length > 0 && draftChanges(bench.files, edits.edits).length > 0) return true
  }
  return false
}

/** Applies the fixes of these suggestions, one after the other. */
function applyFixes(
  bench: Workbench,
  path: string,
  codes: ReadonlySet<number>,
  offset: number | undefined,
): number {
  for (let count = 0; ; count++) {
    const { project, name, source } = openCode(bench, path)
    const target = offset === undefined ? undefined : functionSpan(source, offset)
    const suggestion = project.service
      .getSuggestionDiagnostics(name)
      .find(({ code, start }) => codes.has(code) && (!target || (start >= target.pos && start <= target.end)))
    if (!suggestion || count >= 200) return count
    const { start, length, code } = suggestion
    const [fix] = project.service.getCodeFixesAtPosition(
      name,
      start,
      start + length,
      [code],
      formatOf(source.text),
      preferences,
    )
    const before = bench.files.read(path)
    if (fix) draftChanges(bench.files, fix.changes)
    if (bench.files.read(path) === before) return count
  }
}

function functionSpan(source: ts.SourceFile, offset: number): ts.TextRange {
  let range: ts.TextRange = { pos: offset, end: offset }
  walk(source, (node) => {
    const owner = ts.isVariableStatement(node) || ts.isFunctionLike(node)
    if (owner && node.getStart(source) <= offset && offset <= node.getEnd())
      range = { pos: node.getStart(source), end: node.getEnd() }
    return undefined
  })
  return range
}
