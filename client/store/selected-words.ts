import type { WorkbenchState } from './store.ts'

/** What is marked in the page, or in the editor with the place it has there. */
export function selectedWords({ selection, activePath }: WorkbenchState): string | undefined {
  // What an editor tells the page of its selection is for screen readers.
  const inEditor = globalThis.document?.activeElement?.closest('.monaco-editor') != null
  const inPage = inEditor ? '' : globalThis.getSelection?.()?.toString().trim()
  if (inPage) return inPage
  if (!selection || activePath === undefined || selection.text.trim() === '') return undefined
  return `${activePath}:${selection.startLine}–${selection.endLine}\n\n${selection.text}`
}
