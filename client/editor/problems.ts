import type { IDisposable, Uri } from 'monaco-editor/editor'
import type { ProblemCount } from '../store/documents-slice.ts'
import type { Monaco } from './monaco.ts'

/** Problems of one file a person can point the model at. */
const toldAtMost = 50

/** Counts what Monaco complains of in each open file. */
export function watchProblems(
  monaco: Monaco,
  listener: (path: string, count: ProblemCount) => void,
): IDisposable {
  const { Error: error, Warning: warning } = monaco.MarkerSeverity
  return monaco.editor.onDidChangeMarkers((resources: readonly Uri[]) => {
    for (const resource of resources) {
      const markers = monaco.editor.getModelMarkers({ resource })
      const path = resource.path.slice(1)
      listener(path, {
        errors: markers.filter(({ severity }) => severity === error).length,
        warnings: markers.filter(({ severity }) => severity === warning).length,
        texts: markers
          .filter((marker) => marker.severity === error || marker.severity === warning)
          .slice(0, toldAtMost)
          .map((marker) => `${path}:${marker.startLineNumber}:${marker.startColumn}: ${marker.message}`),
      })
    }
  })
}
