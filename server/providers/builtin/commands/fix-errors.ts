import ts from 'typescript'
import type { Where } from '../command.ts'
import { draftChanges, formatOf, lineOf, openCode, preferences } from './code-edits.ts'
import { code, codeFiles, lineLink, plural, type Workbench } from './workbench.ts'

/** Fixes that only hide an error or make up code. */
const unwanted = new Set([
  'disableJsDiagnostics',
  'fixMissingFunctionDeclaration',
  'fixMissingMember',
  'fixMissingProperties',
  'fixMissingAttributes',
  'installTypesPackage',
  'fixUnreachableCode',
  'unusedIdentifier',
  'deleteUnmatchedParameter',
  'requireInTs',
])
const likelier = ['import', 'spelling', 'fixAwaitInSyncFunction', 'addMissingAwait', 'inferFromUsage']
const maxTries = 200
const shownErrors = 20

/** Applies TypeScript's own fixes as long as each makes the errors fewer. */
export function fixErrors(bench: Workbench, where: Where): string {
  const paths = codeFiles(bench, where)
  let fixed = 0
  const left: string[] = []
  let remaining = 0
  for (const path of paths) {
    const result = fixFile(bench, path)
    fixed += result.fixed
    remaining += result.left.length
    left.push(...result.left.slice(0, shownErrors - left.length))
  }
  const [only] = paths
  const place = paths.length === 1 && only !== undefined ? code(only) : bench.say('the project', '整个项目')
  const { say } = bench
  if (fixed === 0 && remaining === 0) return say(`There are no errors in ${place}.`, `${place} 没有错误。`)
  const head =
    fixed === 0
      ? say(
          `I found no safe fix for ${plural(remaining, 'error')} in ${place}:`,
          `${place} 有 ${remaining} 个错误，没有可以安全应用的修复：`,
        )
      : say(
          `Fixing ${plural(fixed, 'error')} in ${place}.${remaining > 0 ? ` ${plural(remaining, 'error')} need a person:` : ''}`,
          `在 ${place} 修复 ${fixed} 个错误。${remaining > 0 ? `还有 ${remaining} 个需要人来处理：` : ''}`,
        )
  return [head, ...(left.length > 0 ? ['', ...left] : [])].join('\n')
}

function fixFile(
  bench: Workbench,
  path: string,
): { readonly fixed: number; readonly left: readonly string[] } {
  const refused = new Set<string>()
  let errors = errorsOf(bench, path)
  const atFirst = errors.length
  for (let tries = 0; tries < maxTries && errors.length > 0; tries++) {
    const next = errors.find((error) => !refused.has(keyOf(error)))
    if (!next) break
    const text = bench.files.read(path) ?? ''
    const better = fixesFor(bench, path, next).some((fix) => {
      const touched = draftChanges(bench.files, fix.changes)
      const after = errorsOf(bench, path)
      if (touched.every((file) => file === path) && after.length < errors.length) {
        errors = after
        return true
      }
      bench.files.discard(touched.filter((file) => file !== path))
      bench.files.write(path, text)
      return false
    })
    if (better) refused.clear()
    else {
      refused.add(keyOf(next))
      errors = errorsOf(bench, path)
    }
  }
  const left = errors.map((error) => {
    const line = error.file ? lineOf(error.file, error.start ?? 0) : 1
    return `- ${lineLink(path, line)} ${ts.flattenDiagnosticMessageText(error.messageText, ' ').slice(0, 300)}`
  })
  return { fixed: atFirst - errors.length, left }
}

function errorsOf(bench: Workbench, path: string): readonly ts.Diagnostic[] {
  const { project, name } = openCode(bench, path)
  const all = [
    ...project.service.getSyntacticDiagnostics(name),
    ...project.service.getSemanticDiagnostics(name),
  ]
  return all.filter((diagnostic) => diagnostic.category === ts.DiagnosticCategory.Error)
}

function keyOf(error: ts.Diagnostic): string {
  return `${error.code}:${error.start}:${error.length}`
}

function fixesFor(bench: Workbench, path: string, error: ts.Diagnostic): readonly ts.CodeFixAction[] {
  const { project, name, source } = openCode(bench, path)
  const start = error.start ?? 0
  const end = start + (error.length ?? 0)
  const fixes = project.service.getCodeFixesAtPosition(
    name,
    start,
    end,
    [error.code],
    formatOf(source.text),
    preferences,
  )
  const rank = (fix: ts.CodeFixAction): number => {
    const at = likelier.indexOf(fix.fixName)
    return at < 0 ? likelier.length : at
  }
  return fixes
    .filter((fix) => !unwanted.has(fix.fixName) && !fix.commands?.length && fix.changes.length > 0)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 4)
}
