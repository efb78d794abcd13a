import ts from 'typescript'
import type { Where } from '../command.ts'
import { draftChanges, formatOf, openCode, preferences, walk } from './code-edits.ts'
import { code, codeFiles, plural, type Workbench } from './workbench.ts'

const maxRounds = 300

/** Writes the types of parameters from their uses, and the return types of functions. */
export function inferTypes(bench: Workbench, where: Where): string {
  const { say } = bench
  const paths = codeFiles(bench, where)
  let added = 0
  let changed = 0
  for (const path of paths) {
    const count = inferFromUsage(bench, path) + (/\.[cm]?tsx?$/.test(path) ? addReturnTypes(bench, path) : 0)
    added += count
    if (count > 0) changed++
  }
  const [only] = paths
  const named = paths.length === 1 && only !== undefined ? code(only) : undefined
  if (added === 0) {
    return say(
      `Every type that can be inferred${named ? ` in ${named}` : ''} is there already.`,
      `${named ? `${named} 中` : ''}能推断出的类型都已经写明了。`,
    )
  }
  return say(
    `Adding ${plural(added, 'type')} in ${named ?? plural(changed, 'file')}, inferred from how the code is used.`,
    `根据代码的使用方式，在 ${named ?? `${changed} 个文件`} 中添加 ${added} 个类型。`,
  )
}

function inferFromUsage(bench: Workbench, path: string): number {
  const done = new Set<string>()
  let added = 0
  for (let round = 0; round < maxRounds; round++) {
    const fix = nextInference(bench, path, done)
    if (!fix) break
    draftChanges(bench.files, fix.changes)
    for (const change of fix.changes)
      added += change.textChanges.filter((edit) => /:|@/.test(edit.newText)).length
  }
  return added
}

function nextInference(bench: Workbench, path: string, done: Set<string>): ts.CodeFixAction | undefined {
  const { project, name, source } = openCode(bench, path)
  const { service } = project
  for (const { code, start = 0, length = 0 } of [
    ...service.getSemanticDiagnostics(name),
    ...service.getSuggestionDiagnostics(name),
  ]) {
    if (code < 7005 || code > 7050) continue
    const end = start + length
    const key = `${code}:${source.text.slice(Math.max(0, start - 40), end)}`
    if (done.has(key)) continue
    done.add(key)
    const fix = service
      .getCodeFixesAtPosition(name, start, end, [code], formatOf(source.text), preferences)
      .find((action) => action.fixName === 'inferFromUsage' && !onlyAny(action))
    if (fix) return fix
  }
  return undefined
}

/** `: any` says nothing. */
function onlyAny(action: ts.CodeFixAction): boolean {
  return action.changes.every((change) =>
    change.textChanges.every((edit) => /^\)?:? ?any\)?$|^[()]?$/.test(edit.newText.trim())),
  )
}

function addReturnTypes(bench: Workbench, path: string): number {
  let added = 0
  let passed = 0
  while (added + passed < maxRounds) {
    const { project, name, source } = openCode(bench, path)
    const next = functionsWithoutType(source)[passed]
    if (!next) break
    const at = next.name?.getStart(source) ?? next.getStart(source)
    const kind = 'refactor.rewrite.function.returnType'
    const [refactor] = project.service.getApplicableRefactors(name, at, preferences, 'invoked', kind)
    const action = refactor?.actions.find((candidate) => !candidate.notApplicableReason)
    const edits =
      refactor && action
        ? project.service.getEditsForRefactor(
            name,
            formatOf(source.text),
            at,
            refactor.name,
            action.name,
            preferences,
          )
        : undefined
    const vague = edits?.edits.some((edit) =>
      edit.textChanges.some((change) => /\bany\b/.test(change.newText)),
    )
    if (!edits || edits.edits.length === 0 || vague) passed++
    else {
      draftChanges(bench.files, edits.edits)
      added++
    }
  }
  return added
}

/** Declared functions and methods; callbacks are left to inference. */
function functionsWithoutType(source: ts.SourceFile): readonly ts.FunctionLikeDeclaration[] {
  const found: ts.FunctionLikeDeclaration[] = []
  walk(source, (node) => {
    const named =
      ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      (ts.isArrowFunction(node) && ts.isVariableDeclaration(node.parent) && !node.parent.type)
    if (named && node.body && !node.type) found.push(node)
    return undefined
  })
  return found
}
