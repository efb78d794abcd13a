import { findSymbol, type SymbolPlace } from './find-symbol.ts'
import { code, lineLink, plural, type Workbench } from './workbench.ts'

export interface Use {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly declaration: boolean
}

const shownUses = 100

/** Lists where a symbol is used. */
export function usages(bench: Workbench, name: string | undefined): string {
  const symbol = findSymbol(bench, name)
  const all = findUses(bench, symbol)
  const uses = all.filter((use) => !use.declaration)
  const files = new Set(uses.map((use) => use.path)).size
  const declared = lineLink(symbol.path, symbol.line)
  if (uses.length === 0) {
    return bench.say(
      `${code(symbol.name)} is declared in ${declared} and used nowhere.`,
      `${code(symbol.name)} 声明于 ${declared}，没有被使用。`,
    )
  }
  const head = bench.say(
    `${code(symbol.name)}, declared in ${declared}, is used in ${plural(uses.length, 'place')} in ${plural(files, 'file')}:`,
    `${code(symbol.name)} 声明于 ${declared}，在 ${files} 个文件中有 ${uses.length} 处使用：`,
  )
  const lines = uses.slice(0, shownUses).map((use) => `- ${lineLink(use.path, use.line)} ${code(use.text)}`)
  const left = uses.length - lines.length
  if (left > 0) lines.push(bench.say(`- … and ${left} more`, `- ……另有 ${left} 处`))
  return `${head}\n\n${lines.join('\n')}`
}

export function findUses(bench: Workbench, symbol: SymbolPlace): readonly Use[] {
  const found = new Map<string, Use>()
  const absolute = bench.files.absolute(symbol.path)
  for (const project of bench.code.mentioning(symbol.name)) {
    if (!project.service.getProgram()?.getSourceFile(absolute)) continue
    for (const group of project.service.findReferences(absolute, symbol.offset) ?? []) {
      for (const reference of group.references) {
        const path = bench.files.own(reference.fileName)
        if (path === undefined || path.includes('node_modules/')) continue
        const text = bench.files.read(path) ?? ''
        const start = reference.textSpan.start
        const lineStart = text.lastIndexOf('\n', start - 1) + 1
        const lineEnd = text.indexOf('\n', start)
        const words = text.slice(lineStart, lineEnd < 0 ? undefined : lineEnd).trim()
        found.set(`${path}:${start}`, {
          path,
          line: countLines(text, start),
          text: words.length > 120 ? `${words.slice(0, 117)}…` : words,
          declaration: path === symbol.path && start === symbol.offset,
        })
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
}

function countLines(text: string, offset: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++
  return line
}
