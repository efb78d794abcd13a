import { posix } from 'node:path'
import ts from 'typescript'
import { isCode } from '../project/code-projects.ts'
import { offsetOf, openCode, walk } from './code-edits.ts'
import { CannotDo, code, lineLink, type Workbench } from './workbench.ts'

/** Where a symbol is declared. */
export interface SymbolPlace {
  readonly name: string
  readonly path: string
  readonly offset: number
  readonly line: number
}

/**
 * The declaration of what a person named: the cursor's word, then the active file, then the whole workspace.
 * Several unrelated ones with the same name are listed instead of guessed at.
 */
export function findSymbol(bench: Workbench, name: string | undefined): SymbolPlace {
  const atCursor = symbolAtCursor(bench, name)
  if (atCursor) return atCursor
  if (name === undefined) {
    throw new CannotDo(
      bench.say(
        'Put the cursor on the symbol you mean, or name it: “rename foo to bar”.',
        '请把光标放在要操作的符号上，或直接说出名字：“把 foo 重命名为 bar”。',
      ),
    )
  }
  const found = inActiveFile(bench, name) ?? inWorkspace(bench, name)
  if (found.length === 1 && found[0]) return found[0]
  if (found.length === 0) {
    throw new CannotDo(
      bench.say(
        `I found no symbol ${code(name)} in the TypeScript and JavaScript here.`,
        `在这里的 TypeScript/JavaScript 中没有找到符号 ${code(name)}。`,
      ),
    )
  }
  const list = found.slice(0, 12).map((place) => `- ${lineLink(place.path, place.line)}`)
  throw new CannotDo(
    `${bench.say(
      `There are ${found.length} different ${code(name)}. Put the cursor on the one you mean and ask again:`,
      `有 ${found.length} 个不同的 ${code(name)}。请把光标放在想要的那一个上，再说一次：`,
    )}\n\n${list.join('\n')}`,
  )
}

function symbolAtCursor(bench: Workbench, name: string | undefined): SymbolPlace | undefined {
  const { activeFile, cursor } = bench.context
  if (activeFile === undefined || cursor === undefined || !isCode(activeFile) || !bench.files.has(activeFile))
    return undefined
  const { source, project } = openCode(bench, activeFile)
  const offset = offsetOf(source, cursor.line, cursor.column)
  const identifier = identifierAt(source, offset)
  if (!identifier || (name !== undefined && identifier.text !== name)) return undefined
  return declarationOf(bench, project.service, activeFile, identifier)
}

/** The identifier the offset is in or at either end of. */
export function identifierAt(source: ts.SourceFile, offset: number): ts.Identifier | undefined {
  let found: ts.Identifier | undefined
  walk(source, (node) => {
    if (offset < node.getStart(source) || offset > node.getEnd()) return false
    if (ts.isIdentifier(node)) found = node
    return undefined
  })
  return found
}

function declarationOf(
  bench: Workbench,
  service: ts.LanguageService,
  path: string,
  identifier: ts.Identifier,
): SymbolPlace | undefined {
  const absolute = bench.files.absolute(path)
  const offset = identifier.getStart()
  const definitions = service.getDefinitionAtPosition(absolute, offset) ?? []
  for (const definition of definitions) {
    const own = bench.files.own(definition.fileName)
    if (definition.name !== identifier.text) continue
    if (own === undefined || own.includes('node_modules/')) {
      throw new CannotDo(
        bench.say(
          `${code(identifier.text)} is declared outside this workspace.`,
          `${code(identifier.text)} 声明在工作区之外。`,
        ),
      )
    }
    return place(bench, identifier.text, own, definition.textSpan.start)
  }
  // An alias is its own declaration; a name nobody declared is no symbol.
  return definitions.length > 0 ? place(bench, identifier.text, path, offset) : undefined
}

function place(bench: Workbench, name: string, path: string, offset: number): SymbolPlace {
  const text = bench.files.read(path) ?? ''
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return { name, path, offset, line }
}

function inActiveFile(bench: Workbench, name: string): readonly SymbolPlace[] | undefined {
  const { activeFile } = bench.context
  if (activeFile === undefined || !isCode(activeFile) || name.includes('.')) return undefined
  if (!bench.files.read(activeFile)?.includes(name)) return undefined
  const { source, project } = openCode(bench, activeFile)
  const places = new Map<string, SymbolPlace>()
  walk(source, (node) => {
    if (ts.isIdentifier(node) && node.text === name) {
      const found = declarationOf(bench, project.service, activeFile, node)
      if (found) places.set(`${found.path}:${found.offset}`, found)
    }
    return undefined
  })
  return places.size === 0 ? undefined : outermost(bench, [...places.values()])
}

/** Top-level declarations shadow the local ones of the same name. */
function outermost(bench: Workbench, places: readonly SymbolPlace[]): readonly SymbolPlace[] {
  if (places.length < 2) return places
  const top = places.filter(({ path, offset }) => {
    const node = identifierAt(openCode(bench, path).source, offset)
    return node !== undefined && isTopLevel(node)
  })
  return top.length > 0 ? top : places
}

function isTopLevel(name: ts.Identifier): boolean {
  if (ts.isParameter(name.parent)) return false
  for (let at = name.parent.parent; at && !ts.isSourceFile(at); at = at.parent) {
    const transparent =
      ts.isVariableDeclarationList(at) ||
      ts.isVariableStatement(at) ||
      ts.isModuleBlock(at) ||
      ts.isModuleDeclaration(at)
    if (!transparent) return false
  }
  return true
}

function inWorkspace(bench: Workbench, name: string): readonly SymbolPlace[] {
  const dot = name.lastIndexOf('.')
  if (dot > 0) return member(bench, findSymbol(bench, name.slice(0, dot)), name.slice(dot + 1))
  const places = new Map<string, SymbolPlace>()
  for (const project of bench.code.mentioning(name)) {
    for (const item of project.service.getNavigateToItems(name, 200, undefined, true)) {
      const path = bench.files.own(item.fileName)
      if (path === undefined || item.name !== name || item.kind === ts.ScriptElementKind.alias) continue
      const identifier = declaredName(openCode(bench, path).source, item.textSpan, name)
      const found = identifier && declarationOf(bench, project.service, path, identifier)
      if (found) places.set(`${found.path}:${found.offset}`, found)
    }
  }
  const top = outermost(bench, [...places.values()])
  const declared = top.filter(({ path }) => !path.endsWith('.d.ts'))
  return sameFolderFirst(bench, declared.length > 0 ? declared : top)
}

/** `Cart.total`: a member of a class, interface, module or object. */
function member(bench: Workbench, owner: SymbolPlace, name: string): readonly SymbolPlace[] {
  const { source, program } = openCode(bench, owner.path)
  const checker = program.getTypeChecker()
  const identifier = identifierAt(source, owner.offset)
  const symbol = identifier && checker.getSymbolAtLocation(identifier)
  if (!symbol) return []
  const types = [checker.getDeclaredTypeOfSymbol(symbol), checker.getTypeOfSymbolAtLocation(symbol, source)]
  const found = types
    .map((type) => checker.getPropertyOfType(type, name))
    .find((property) => property !== undefined)
  const declaration = found?.declarations?.[0]
  const path = declaration && bench.files.own(declaration.getSourceFile().fileName)
  const named = declaration && ts.getNameOfDeclaration(declaration)
  return named && path !== undefined ? [place(bench, name, path, named.getStart())] : []
}

/** The name's identifier inside the span of its declaration. */
function declaredName(source: ts.SourceFile, span: ts.TextSpan, name: string): ts.Identifier | undefined {
  let found: ts.Identifier | undefined
  walk(source, (node) => {
    if (found || node.getEnd() < span.start || node.getStart(source) > span.start + span.length) return false
    if (ts.isIdentifier(node) && node.text === name && node.getStart(source) >= span.start) found = node
    return undefined
  })
  return found
}

/** Of several, the only one beside the file being looked at. */
function sameFolderFirst(bench: Workbench, places: readonly SymbolPlace[]): readonly SymbolPlace[] {
  const { activeFile } = bench.context
  if (places.length < 2 || activeFile === undefined) return places
  const beside = places.filter(({ path }) => posix.dirname(path) === posix.dirname(activeFile))
  return beside.length === 1 ? beside : places
}
