import type { IDisposable, Uri } from 'monaco-editor/editor'
import type { ProblemCount } from '../store/documents-slice.ts'
import type { Monaco } from './monaco.ts'

/** Counts what Monaco complains of in each open file. */
export function watchProblems(
  monaco: Monaco,
  listener: (path: string, count: ProblemCount) => void,
): IDisposable {
  const { Error: error, Warning: warning } = monaco.MarkerSeverity
  return monaco.editor.onDidChangeMarkers((resources: readonly Uri[]) => {
    for (const resource of resources) {
      const markers = monaco.editor.getModelMarkers({ resource })
      listener(resource.path.slice(1), {
        errors: markers.filter(({ severity }) => severity === error).length,
        warnings: markers.filter(({ severity }) => severity === warning).length,
      })
    }
  })
}
