import type { editor } from 'monaco-editor/editor'
import { type BoundView, bindText, type Places, showable, type TextBinding } from './binding.ts'
import type { DocumentReplica } from './document-replica.ts'
import type { Monaco } from './monaco.ts'
import { asBoundModel, routeUndo } from './monaco-model.ts'

/** Above this many characters a text is shown without a language: its worker would parse it anew at each pause. */
const languageChars = 4_000_000

/** One open text: the model Monaco shows and what keeps it in step with the document. */
export interface DocumentSession {
  readonly replica: DocumentReplica
  readonly model: editor.ITextModel
  /** The view now shows this text; `undefined` when it no longer does. */
  show(view: BoundView | undefined): void
  /** What waited for an IME composition goes on. */
  flush(): void
  places(): Places | undefined
  /** Folds and the like, which are Monaco's own affair. */
  viewState: editor.ICodeEditorViewState | undefined
  dispose(): void
}

/** `before`: the same text was shown at another path, where the person was somewhere in it. */
export function createDocumentSession(
  monaco: Monaco,
  replica: DocumentReplica,
  before: Pick<DocumentSession, 'places' | 'viewState'> | undefined,
): DocumentSession {
  const text = showable(replica.text.toString())
  const uri = monaco.Uri.from({ scheme: 'file', path: `/${replica.path}` })
  monaco.editor.getModel(uri)?.dispose()
  const language = text.length > languageChars ? 'plaintext' : undefined
  const model = monaco.editor.createModel(text, language, uri)
  // The document counts a line's end as one character.
  model.setEOL(monaco.editor.EndOfLineSequence.LF)
  model.detectIndentation(true, 2)
  model.updateOptions({
    bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false },
  })
  let view: BoundView | undefined
  let binding = bind(before?.places())

  function bind(places?: Places): TextBinding {
    const { text, undo } = replica
    const made = bindText({ text, model: asBoundModel(model), undo, places })
    routeUndo(model, made)
    return made
  }

  const stopReplaced = replica.onReplaced(() => {
    binding.dispose()
    const stop = replica.onStatus(({ phase }) => {
      if (phase !== 'text') return
      stop()
      binding = bind()
      binding.show(view)
    })
  })

  return {
    replica,
    model,
    viewState: before?.viewState,
    places: () => binding.places(),
    show(next) {
      // What waited comes before the view is put where it was.
      replica.setSeen(next !== undefined)
      view = next
      binding.show(next)
    },
    flush: () => binding.flush(),
    dispose() {
      stopReplaced()
      binding.dispose()
      model.dispose()
    },
  }
}
