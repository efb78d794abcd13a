import ts from 'typescript'
import type { CodeFile } from './code-edits.ts'
import { walk } from './code-edits.ts'

/** The file's text with a function declaration as a `const` arrow function; `undefined` when that would change its meaning. */
export function functionToArrow(
  { source, project, name }: CodeFile,
  declaration: ts.FunctionDeclaration,
): string | undefined {
  const { body, name: ownName, modifiers = [] } = declaration
  if (!body || !ownName || declaration.asteriskToken || usesOwnThis(body)) return undefined
  if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) return undefined
  const siblings = declaration.parent
  let overloaded = false
  ts.forEachChild(siblings, (node) => {
    if (node !== declaration && ts.isFunctionDeclaration(node) && node.name?.text === ownName.text)
      overloaded = true
  })
  const uses = project.service.getReferencesAtPosition(name, ownName.getStart(source)) ?? []
  const early = uses.some(
    ({ fileName, textSpan }) =>
      fileName === name &&
      textSpan.start < declaration.getStart(source) &&
      runsAtOnce(source, textSpan.start, siblings),
  )
  if (overloaded || early) return undefined

  const { text } = source
  const isAsync = modifiers.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
  const prefix = modifiers
    .filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword)
    .map((modifier) => `${modifier.getText(source)} `)
    .join('')
  const semicolon = /;\s*$/m.test(text) ? ';' : ''
  const signature = text.slice(ownName.getEnd(), body.getStart(source)).trim()
  const [only] = body.statements
  const concise =
    body.statements.length === 1 &&
    only &&
    ts.isReturnStatement(only) &&
    only.expression &&
    !/\/\/|\/\*/.test(body.getText(source))
      ? only.expression
      : undefined
  const result = concise ? inParentheses(concise.getText(source), concise) : body.getText(source)
  const arrow = `${prefix}const ${ownName.text} = ${isAsync ? 'async ' : ''}${signature} => ${result}${semicolon}`
  return text.slice(0, declaration.getStart(source)) + arrow + text.slice(declaration.getEnd())
}

function inParentheses(text: string, node: ts.Expression): string {
  return ts.isObjectLiteralExpression(node) ? `(${text})` : text
}

function usesOwnThis(body: ts.Node): boolean {
  let found = false
  walk(body, (node) => {
    if (node.kind === ts.SyntaxKind.ThisKeyword || (ts.isIdentifier(node) && node.text === 'arguments'))
      found = true
    const ownThis = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isClassLike(node)
    return ownThis && node !== body ? false : undefined
  })
  return found
}

/** The place is not inside a function that may run later. */
function runsAtOnce(source: ts.SourceFile, offset: number, scope: ts.Node): boolean {
  let later = false
  walk(source, (node) => {
    if (offset < node.getStart(source) || offset > node.getEnd()) return false
    if (ts.isFunctionLike(node) && node !== scope.parent && node.pos >= scope.pos) later = true
    return undefined
  })
  return !later
}
