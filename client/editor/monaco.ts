import { editorOptions } from './editor-options.ts'
import { configureLanguages } from './language-settings.ts'
import { startMonacoWorker } from './monaco-workers.ts'
import { countPlainLines } from './plain-lines.ts'
import { holdProblemsOf } from './service-problems.ts'

export type Monaco = typeof import('monaco-editor/editor')
export type CodeEditor = import('monaco-editor/editor').editor.IStandaloneCodeEditor

let loading: Promise<Monaco> | undefined

/** Loads Monaco once. Nothing of it comes from another host. */
export function loadMonaco(): Promise<Monaco> {
  loading ??= load().catch((error: unknown) => {
    // A piece that could not be fetched may be there the next time.
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Monaco> {
  Object.assign(globalThis, {
    MonacoEnvironment: { getWorker: (_id: string, label: string) => startMonacoWorker(label) },
  })
  // Monaco measures its font once: were it not there yet, every column would be that of another font.
  const [{ monaco, languageFeatures, lineOnPage }] = await Promise.all([
    import('./monaco-bundle.ts'),
    document.fonts.load(`${editorOptions.fontSize}px "JetBrains Mono Variable"`).catch(() => undefined),
  ])
  configureLanguages(languageFeatures)
  holdProblemsOf(monaco, languageFeatures)
  const learnFont = countPlainLines(lineOnPage)
  const { fontInfo } = monaco.editor.EditorOption
  monaco.editor.onDidCreateEditor((code) => {
    learnFont(code.getOption(fontInfo))
    // Another zoom, other widths.
    code.onDidChangeConfiguration((event) => {
      if (event.hasChanged(fontInfo)) learnFont(code.getOption(fontInfo))
    })
  })
  return monaco
}
