import { parentPort } from 'node:worker_threads'
import ts from 'typescript'
import type { SyntaxReply, SyntaxRequest, WrongSyntax } from './syntax-checker.ts'

const kinds: Readonly<Record<string, ts.ScriptKind>> = {
  ts: ts.ScriptKind.TS,
  mts: ts.ScriptKind.TS,
  cts: ts.ScriptKind.TS,
  tsx: ts.ScriptKind.TSX,
  js: ts.ScriptKind.JS,
  mjs: ts.ScriptKind.JS,
  cjs: ts.ScriptKind.JS,
  jsx: ts.ScriptKind.JSX,
  json: ts.ScriptKind.JSON,
}

/** Parses by the language's rules; what the names in it mean is not looked at. */
function firstProblem(path: string, text: string): WrongSyntax | undefined {
  const extension = path.slice(path.lastIndexOf('.') + 1)
  if (extension === 'json') {
    try {
      JSON.parse(text)
      return undefined
    } catch {
      // Where it breaks is found below; what only some readers take is no mistake there.
    }
  }
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kinds[extension])
  // The compiler's own list of what it could not read; its types don't name it.
  const { parseDiagnostics = [] } = file as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }
  const [first] = parseDiagnostics
  if (!first) return undefined
  const { line } = file.getLineAndCharacterOfPosition(first.start)
  return { path, line: line + 1, message: ts.flattenDiagnosticMessageText(first.messageText, '\n') }
}

parentPort?.on('message', ({ id, files }: SyntaxRequest) => {
  const wrong = files.flatMap(({ path, text }) => firstProblem(path, text) ?? [])
  parentPort?.postMessage({ id, wrong } satisfies SyntaxReply)
})
