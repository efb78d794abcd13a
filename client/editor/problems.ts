import type { IDisposable, Uri } from 'monaco-editor/editor'
import type { ProblemCount } from '../store/documents-slice.ts'
import type { Monaco } from './monaco.ts'
import { holdOf } from './service-problems.ts'

/** Problems of one file a person can point the model at. */
const toldAtMost = 50

/** Counts what Monaco complains of in each open file. */
export function watchProblems(
  monaco: Monaco,
  listener: (path: string, count: ProblemCount) => void,
): IDisposable {
  const { Error: error, Warning: warning } = monaco.MarkerSeverity
  const hold = holdOf(monaco)

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
