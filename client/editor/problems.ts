import type { editor, IDisposable, Uri } from 'monaco-editor/editor'
import type { ProblemCount } from '../store/documents-slice.ts'
import type { Monaco } from './monaco.ts'
import type { languageFeatures } from './monaco-bundle.ts'
import { createProblemHold, type ProblemHold } from './problem-hold.ts'

/** Problems of one file a person can point the model at. */
const toldAtMost = 50

const holds = new WeakMap<Monaco, ProblemHold>()

/** From now on what language services find goes through a hold. Of Monaco there is one, and so of this. */
export function holdProblemsOf(monaco: Monaco, { typescript }: typeof languageFeatures): void {
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
export function holdProblems(monaco: Monaco, model: editor.ITextModel, isWritten: boolean): void {
  if (checked.has(model.getLanguageId())) holds.get(monaco)?.write(model, isWritten)
}

/** Counts what Monaco complains of in each open file. */
export function watchProblems(
  monaco: Monaco,
  listener: (path: string, count: ProblemCount) => void,
): IDisposable {
  const { Error: error, Warning: warning } = monaco.MarkerSeverity
  const hold = holds.get(monaco)

  function tell(resource: Uri): void {
    const markers = monaco.editor.getModelMarkers({ resource })
    const path = resource.path.slice(1)
    const model = monaco.editor.getModel(resource)
    listener(path, {
      errors: markers.filter(({ severity }) => severity === error).length,
      warnings: markers.filter(({ severity }) => severity === warning).length,
      ...(model && hold?.isHeld(model) && { pending: true }),
      texts: markers
        .filter((marker) => marker.severity === error || marker.severity === warning)
        .slice(0, toldAtMost)
        .map((marker) => `${path}:${marker.startLineNumber}:${marker.startColumn}: ${marker.message}`),
    })
  }
  const markers = monaco.editor.onDidChangeMarkers((resources: readonly Uri[]) => {
    for (const resource of resources) tell(resource)
  })
  const held = hold?.onChange(({ uri }) => tell(uri))
  return {
    dispose() {
      markers.dispose()
      held?.dispose()
    },
  }
}
