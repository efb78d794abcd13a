import ts from 'typescript'
import { isIdentifier } from '../grammar/form.ts'
import { applySpans, openCode, preferences } from './code-edits.ts'
import { findSymbol, type SymbolPlace } from './find-symbol.ts'
import { CannotDo, code, lineLink, plural, type Workbench } from './workbench.ts'

/** Renames a symbol in every file that uses it. */
export function rename(bench: Workbench, from: string | undefined, to: string): string {
  const { say } = bench
  if (!isIdentifier(to) || reserved.has(to)) {
    throw new CannotDo(say(`${code(to)} is not a name TypeScript allows.`, `${code(to)} 不是合法的标识符。`))
  }
  const symbol = findSymbol(bench, from)
  if (symbol.name === to)
    throw new CannotDo(say(`It is called ${code(to)} already.`, `它已经叫 ${code(to)} 了。`))
  const locations = renameLocations(bench, symbol)
  if (locations.size === 0) {
    throw new CannotDo(
      say(
        `TypeScript does not let ${code(symbol.name)} be renamed.`,
        `TypeScript 不允许重命名 ${code(symbol.name)}。`,
      ),
    )
  }
  const already = [...locations.keys()].filter((path) => mentions(bench.files.read(path) ?? '', to))
  const before = clashes(bench, already)
  let places = 0
  for (const [path, spans] of locations) {
    const text = bench.files.read(path) ?? ''
    const changes = [...spans.values()].map((location) => ({
      span: location.textSpan,
      newText: `${location.prefixText ?? ''}${to}${location.suffixText ?? ''}`,
    }))
    places += changes.length
    bench.files.write(path, applySpans(text, changes))
  }
  const after = clashes(bench, already)
  if (after.length > before.length) {
    bench.files.discard(locations.keys())
    const [first] = after
    throw new CannotDo(
      say(
        `${code(to)} would clash with a ${code(to)} that exists${first ? ` (${first})` : ''}. Nothing was changed.`,
        `${code(to)} 会与已有的 ${code(to)} 冲突${first ? `（${first}）` : ''}。没有做任何更改。`,
      ),
    )
  }
  const done = say(
    `Renaming ${code(symbol.name)} to ${code(to)}: ${plural(places, 'place')} in ${plural(locations.size, 'file')}.`,
    `把 ${code(symbol.name)} 重命名为 ${code(to)}：${locations.size} 个文件，${places} 处。`,
  )
  return `${done}${leftOver(bench, symbol.name, locations)}`
}

/** Files that still hold the old word: documents, strings, other symbols of that name. */
function leftOver(bench: Workbench, name: string, locations: Locations): string {
  const others = bench.files
    .list()
    .filter((path) => !locations.has(path) && mentions(bench.files.read(path) ?? '', name))
  if (others.length === 0) return ''
  const list = others.slice(0, 4).map(code)
  const left = others.length - list.length
  return bench.say(
    ` The word also stands in ${list.join(', ')}${left > 0 ? ` and ${left} more` : ''}, as text or as another symbol; I left it there.`,
    `${list.join('、')}${left > 0 ? ` 等 ${others.length} 个文件` : ''}中也有这个词（文本或其他符号），没有改动。`,
  )
}

type Locations = Map<string, Map<number, ts.RenameLocation>>

/** By file and offset, from every project that has the declaration. */
function renameLocations(bench: Workbench, symbol: SymbolPlace): Locations {
  const found: Locations = new Map()
  const absolute = bench.files.absolute(symbol.path)
  for (const project of bench.code.mentioning(symbol.name)) {
    if (!project.service.getProgram()?.getSourceFile(absolute)) continue
    // Prefixes keep `{ name }` a property called name; imports and exports follow the declaration without aliases.
    const locations =
      project.service.findRenameLocations(absolute, symbol.offset, false, false, preferences) ?? []
    for (const location of locations) {
      const path = bench.files.own(location.fileName)
      if (path === undefined || path.includes('node_modules/')) continue
      const inFile = found.get(path) ?? new Map<number, ts.RenameLocation>()
      inFile.set(location.textSpan.start, location)
      found.set(path, inFile)
    }
  }
  return found
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$')}(?![\\w$])`).test(text)
}

/** Cannot redeclare, duplicate identifier, import conflicts. */
const clashCodes = new Set([2300, 2451, 2440, 2323, 2484, 2393, 2395, 2528])

function clashes(bench: Workbench, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const { project, name } = openCode(bench, path)
    return [...project.service.getSemanticDiagnostics(name), ...project.service.getSyntacticDiagnostics(name)]
      .filter((diagnostic) => clashCodes.has(diagnostic.code))
      .map((diagnostic) => {
        const at = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
        return lineLink(path, at + 1)
      })
  })
}

const reserved = new Set(
  Array.from({ length: ts.SyntaxKind.WithKeyword - ts.SyntaxKind.BreakKeyword + 1 }, (_, i) =>
    String(ts.tokenToString(ts.SyntaxKind.BreakKeyword + i)),
  ),
)
