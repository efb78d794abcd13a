import type { editor } from 'monaco-editor/editor'

/** How Monaco stands in the room: 13 px on 20 px, quiet, nothing that moves while text streams. */
export const editorOptions: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily:
    '"JetBrains Mono Variable", ui-monospace, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", monospace',
  fontSize: 13,
  lineHeight: 20,
  fontLigatures: false,
  minimap: { enabled: false },
  padding: { top: 8, bottom: 8 },
  glyphMargin: false,
  lineNumbersMinChars: 4,
  lineDecorationsWidth: 14,
  renderLineHighlight: 'line',
  renderLineHighlightOnlyWhenFocus: true,
  // Shown in a selection, see `showSelectedSpaces`.
  renderWhitespace: 'none',
  guides: { indentation: true, bracketPairs: false },
  overviewRulerBorder: false,
  hideCursorInOverviewRuler: true,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
  smoothScrolling: false,
  cursorSmoothCaretAnimation: 'off',
  // Its lines would lag behind while text streams.
  stickyScroll: { enabled: false },
  fixedOverflowWidgets: true,
  dropIntoEditor: { enabled: false },
  wordBasedSuggestions: 'currentDocument',
  // No language here gives any; asked all the same, its worker would parse the file anew at each change.
  inlayHints: { enabled: 'off' },
  // Every offset must be the document's: no line end but `\n`, and no question about others.
  unusualLineTerminators: 'off',
  // Chinese text has many characters that look like others; invisible ones stay marked.
  unicodeHighlight: { ambiguousCharacters: false, nonBasicASCII: false },
}

/**
 * Spaces are shown where something is selected. Without a selection the setting shows nothing and is not free: Monaco
 * goes through every visible line for it at each drawing.
 */
export function showSelectedSpaces(code: editor.IStandaloneCodeEditor): () => void {
  let wanted: 'none' | 'selection' = 'none'
  const subscription = code.onDidChangeCursorSelection(() => {
    const isEmpty = code.getSelections()?.every((selection) => selection.isEmpty()) ?? true
    const before = wanted
    wanted = isEmpty ? 'none' : 'selection'
    if (wanted !== before) code.updateOptions({ renderWhitespace: wanted })
  })
  return () => subscription.dispose()
}
