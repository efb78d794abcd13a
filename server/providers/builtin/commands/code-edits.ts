import ts from 'typescript'
import type { CodeProject } from '../project/code-projects.ts'
import type { ProjectFiles } from '../project/project-files.ts'
import { CannotDo, type Workbench } from './workbench.ts'

export const preferences: ts.UserPreferences = {
  quotePreference: 'auto',
  includeCompletionsForModuleExports: true,
  includePackageJsonAutoImports: 'off',
  allowTextChangesInNewFiles: true,
  providePrefixAndSuffixTextForRename: true,
  interactiveInlayHints: false,
}

/** Indentation and semicolons as the file has them. */
export function formatOf(text: string): ts.FormatCodeSettings {
  const indent = /^(\t| {2,8})(?=\S)/m.exec(text)?.[1] ?? '  '
  const width = indent === '\t' ? 4 : Math.min(indent.length, 4)
  return {
    ...ts.getDefaultFormatCodeSettings('\n'),
    indentSize: width,
    tabSize: width,
    convertTabsToSpaces: indent !== '\t',
    semicolons: usesSemicolons(text) ? ts.SemicolonPreference.Insert : ts.SemicolonPreference.Remove,
  }
}

/** Most of the lines that could end a statement end in one. */
function usesSemicolons(text: string): boolean {
  const statements = text.match(/^[ \t]*(?:import|export|const|let|var|return|throw)\b.*[^\s{(,[=>]$/gm) ?? []
  return statements.filter((line) => line.endsWith(';')).length * 2 >= Math.max(statements.length, 1)
}

export function applySpans(
  text: string,
  changes: readonly { readonly span: ts.TextSpan; readonly newText: string }[],
): string {
  let result = text
  const backwards = [...changes].sort((a, b) => b.span.start - a.span.start || b.span.length - a.span.length)
  for (const { span, newText } of backwards) {
    result = result.slice(0, span.start) + newText + result.slice(span.start + span.length)
  }
  return result
}

/** Writes the language service's edits as drafts; answers the files. Edits outside the workspace's own files are refused. */
export function draftChanges(files: ProjectFiles, changes: readonly ts.FileTextChanges[]): readonly string[] {
  const touched: string[] = []
  for (const change of changes) {
    if (change.textChanges.length === 0) continue
    const path = files.relative(change.fileName)
    if (path === undefined || /(?:^|\/)(?:node_modules|\.git)\//.test(path)) {
      throw new CannotDo(`This would change ${change.fileName}, which is not yours to edit.`)
    }
    const before = change.isNewFile ? '' : files.read(path)
    if (before === undefined) continue
    files.write(path, applySpans(before, change.textChanges))
    touched.push(path)
  }
  return touched
}

export interface CodeFile {
  readonly path: string
  readonly name: string
  readonly project: CodeProject
  readonly source: ts.SourceFile
  readonly program: ts.Program
}

/** The file with its syntax tree as it is now, drafts included. */
export function openCode(bench: Workbench, path: string): CodeFile {
  const project = bench.code.forFile(path)
  const name = bench.files.absolute(path)
  const program = project?.service.getProgram()
  const source = program?.getSourceFile(name)
  if (!project || !program || !source) {
    throw new CannotDo(
      bench.say(`I could not read \`${path}\` as code.`, `无法把 \`${path}\` 作为代码读取。`),
    )
  }
  return { path, name, project, source, program }
}

/** Calls `visit` for every node, parents first; stops at a subtree when it answers false. */
export function walk(node: ts.Node, visit: (node: ts.Node) => boolean | undefined): void {
  if (visit(node) === false) return
  ts.forEachChild(node, (child) => walk(child, visit))
}

export function offsetOf(source: ts.SourceFile, line: number, column: number): number {
  const starts = source.getLineStarts()
  const start = starts[Math.min(Math.max(line, 1), starts.length) - 1] ?? 0
  const end = starts[line] ?? source.text.length
  return Math.min(start + Math.max(column, 1) - 1, end)
}

export function lineOf(source: ts.SourceFile, offset: number): number {
  return source.getLineAndCharacterOfPosition(offset).line + 1
}
