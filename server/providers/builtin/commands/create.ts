import { posix } from 'node:path'
import ts from 'typescript'
import type { CreateKind } from '../command.ts'
import { escapeHtml } from '../content/page.ts'
import { isCode } from '../project/code-projects.ts'
import { openCode } from './code-edits.ts'
import { newPath } from './replace-text.ts'
import { CannotDo, code, findFile, noSuchFile, type Workbench } from './workbench.ts'

/** Makes a new file from a template that fits its neighbours. */
export function create(bench: Workbench, kind: CreateKind, name: string): string {
  const { path, text } = kind === 'test' ? testFor(bench, name) : newFile(bench, kind, newPath(bench, name))
  if (bench.files.has(path)) {
    throw new CannotDo(
      bench.say(`${code(path)} exists already; I left it alone.`, `${code(path)} 已经存在，没有改动。`),
    )
  }
  bench.files.write(path, text)
  return bench.say(`Creating ${code(path)}.`, `创建 ${code(path)}。`)
}

function newFile(
  bench: Workbench,
  kind: CreateKind,
  name: string,
): { readonly path: string; readonly text: string } {
  const typed = bench.files.list().some((path) => /\.tsx?$/.test(path) || path.endsWith('tsconfig.json'))
  switch (kind) {
    case 'component': {
      const base = posix.basename(name).replace(/\.[jt]sx?$/, '')
      const component = base.charAt(0).toUpperCase() + base.slice(1)
      const folder = name.includes('/') ? posix.dirname(name) : componentFolder(bench)
      const path = posix.join(folder, `${component}.${typed ? 'tsx' : 'jsx'}`)
      return { path, text: typed ? typedComponent(component) : plainComponent(component) }
    }
    case 'page': {
      const path = /\.html?$/.test(name) ? name : `${name}.html`
      return {
        path,
        text: page(
          titleOf(path),
          bench.files.has(posix.join(posix.dirname(path), 'styles.css')),
          bench.context.language,
        ),
      }
    }
    case 'stylesheet':
      return newFile(bench, 'file', /\.(?:css|scss|less)$/.test(name) ? name : `${name}.css`)
    case 'module': {
      const path = isCode(name) ? name : `${name}.${typed ? 'ts' : 'js'}`
      return newFile(
        bench,
        'file',
        posix.dirname(path) === '.' && !isCode(name) ? posix.join(sourceFolder(bench), path) : path,
      )
    }
    default:
      return { path: name, text: template(bench, name) }
  }
}

function template(bench: Workbench, path: string): string {
  const name = posix.basename(path).replace(/\..*$/, '')
  const identifier = name
    .replace(/[^A-Za-z0-9$]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')
    .replace(/^(\d)/, '_$1')
  if (/\.html?$/.test(path))
    return page(
      titleOf(path),
      bench.files.has(posix.join(posix.dirname(path), 'styles.css')),
      bench.context.language,
    )
  if (/\.[jt]sx$/.test(path)) {
    const component = identifier.charAt(0).toUpperCase() + identifier.slice(1)
    return path.endsWith('.tsx') ? typedComponent(component) : plainComponent(component)
  }
  if (/\.[cm]?tsx?$/.test(path) && !path.endsWith('.d.ts'))
    return `export function ${identifier || 'run'}(): void {}\n`
  if (/\.m?js$/.test(path)) return `export function ${identifier || 'run'}() {}\n`
  if (/\.(?:css|scss|less)$/.test(path)) return `.${name.toLowerCase() || 'block'} {\n  display: block;\n}\n`
  if (/\.json$/.test(path)) return '{}\n'
  if (/\.md$/.test(path)) return `# ${titleOf(path)}\n`
  return ''
}

function titleOf(path: string): string {
  const words = posix.basename(path).replace(/\..*$/, '').replace(/[-_]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function typedComponent(name: string): string {
  return `interface ${name}Props {
  title: string
}

export function ${name}({ title }: ${name}Props) {
  return (
    <section>
      <h2>{title}</h2>
    </section>
  )
}
`
}

function plainComponent(name: string): string {
  return `export function ${name}({ title }) {
  return (
    <section>
      <h2>{title}</h2>
    </section>
  )
}
`
}

function page(title: string, styled: boolean, language: string): string {
  return `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)}</title>${styled ? '\n    <link rel="stylesheet" href="styles.css">' : ''}
  </head>
  <body>
    <main>
      <h1>${escapeHtml(title)}</h1>
    </main>
  </body>
</html>
`
}

function componentFolder(bench: Workbench): string {
  return (
    ['src/components', 'components', 'app/components', 'src'].find((folder) =>
      bench.files.hasFolder(folder),
    ) ?? ''
  )
}

function sourceFolder(bench: Workbench): string {
  return bench.files.hasFolder('src') ? 'src' : ''
}

type Runner = 'vitest' | 'jest' | 'node'

/** A test that calls each exported function by name, in the style of the tests that exist. */
function testFor(bench: Workbench, name: string): { readonly path: string; readonly text: string } {
  const target = findFile(bench, name)
  if (target === undefined) throw noSuchFile(bench, name)
  if (!isCode(target))
    throw new CannotDo(
      bench.say(`${code(target)} is no module I could test.`, `${code(target)} 不是可以测试的模块。`),
    )
  const { program, source } = openCode(bench, target)
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(source)
  const exported = (module ? checker.getExportsOfModule(module) : []).filter(
    (symbol) => symbol.flags & ts.SymbolFlags.Value && symbol.name !== 'default',
  )
  if (exported.length === 0) {
    throw new CannotDo(
      bench.say(
        `${code(target)} exports nothing a test could call.`,
        `${code(target)} 没有导出可供测试调用的内容。`,
      ),
    )
  }
  const path = target.replace(/(\.[cm]?[jt]sx?)$/, '.test$1')
  const runner = runnerOf(bench, posix.dirname(target))
  const extension =
    program.getCompilerOptions().allowImportingTsExtensions || runner === 'node' ? posix.extname(target) : ''
  const specifier = `./${posix.basename(target).replace(/\.[cm]?[jt]sx?$/, '')}${extension}`
  return {
    path,
    text: testText(
      runner,
      specifier,
      exported.map((symbol) => ({ name: symbol.name, callable: isCallable(checker, symbol, source) })),
    ),
  }
}

function isCallable(checker: ts.TypeChecker, symbol: ts.Symbol, source: ts.SourceFile): boolean {
  return checker.getTypeOfSymbolAtLocation(symbol, source).getCallSignatures().length > 0
}

function testText(
  runner: Runner,
  specifier: string,
  exported: readonly { readonly name: string; readonly callable: boolean }[],
): string {
  const names = exported.map(({ name }) => name).join(', ')
  const head = {
    vitest: `import { expect, test } from 'vitest'\n`,
    jest: '',
    node: `import assert from 'node:assert/strict'\nimport test from 'node:test'\n`,
  }[runner]
  const tests = exported.map(({ name, callable }) => {
    const kind = callable ? `'function'` : undefined
    const check =
      runner === 'node'
        ? kind
          ? `assert.equal(typeof ${name}, ${kind})`
          : `assert.notEqual(${name}, undefined)`
        : kind
          ? `expect(typeof ${name}).toBe(${kind})`
          : `expect(${name}).toBeDefined()`
    return `test('${name}', () => {\n  ${check}\n})\n`
  })
  return `${head}import { ${names} } from '${specifier}'\n\n${tests.join('\n')}`
}

function runnerOf(bench: Workbench, from: string): Runner {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    const manifest = bench.files.read(folder === '.' ? 'package.json' : posix.join(folder, 'package.json'))
    if (manifest?.includes('"vitest"')) return 'vitest'
    if (manifest?.includes('"jest"')) return 'jest'
    if (manifest !== undefined || folder === '.') return 'node'
  }
}
