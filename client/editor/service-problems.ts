import type { editor } from 'monaco-editor/editor'
import type { monaco as bundled, languageFeatures } from './monaco-bundle.ts'
import { createProblemHold, type ProblemHold } from './problem-hold.ts'

const holds = new WeakMap<object, ProblemHold>()

/** From now on what language services find goes through a hold. Of Monaco there is one, and so of this. */
export function holdProblemsOf(monaco: typeof bundled, { typescript }: typeof languageFeatures): void {
  const setMarkers = monaco.editor.setModelMarkers
  const { take, ...hold } = createProblemHold<editor.ITextModel>({
    setMarkers,
    async answered(model) {
      const language = model.getLanguageId()
      // Other services answer within the moment they are asked.
      if (language !== 'typescript' && language !== 'javascript') return
      const { getTypeScriptWorker, getJavaScriptWorker } = typescript
      const workerOf = await (language === 'typescript' ? getTypeScriptWorker() : getJavaScriptWorker())
      const worker = await workerOf(model.uri)
      // It takes one question after the other; this one is the least of them.
      await worker.getScriptText('')
    },
    after(ms, run) {
      const timer = window.setTimeout(run, ms)
      return () => window.clearTimeout(timer)
    },
  })
  holds.set(monaco, hold)
  // Services bring theirs here, each when it likes: the one door there is.
  Object.assign(monaco.editor, { setModelMarkers: take })
}

/** Nothing is held of a Monaco that was loaded another way. */
export function holdOf(monaco: object): ProblemHold | undefined {
  return holds.get(monaco)
}

/** Languages with a service that looks for problems. */
const checked: ReadonlySet<string> = new Set([
  'typescript',
  'javascript',
  'json',
  'css',
  'scss',
  'less',
  'html',
])

/** A model is in the middle of that text, or no longer: until it is done, nobody is told what is wrong with half of it. */
export function holdProblems(monaco: typeof bundled, model: editor.ITextModel, isWritten: boolean): void {
  if (checked.has(model.getLanguageId())) holdOf(monaco)?.write(model, isWritten)
}
