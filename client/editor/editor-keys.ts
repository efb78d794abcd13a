import type { WorkbenchStore } from '../store/store.ts'

/** Alt+W closes the tab. Ctrl+S is a habit that must not open the browser's dialog: everything is saved as it is typed. */
export function bindEditorKeys(store: WorkbenchStore, page: Window): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    const { activePath, closeFile, noteSaved } = store.getState()
    const mod = event.ctrlKey !== event.metaKey
    if (mod && !event.altKey && !event.shiftKey && event.code === 'KeyS') {
      event.preventDefault()
      noteSaved()
    } else if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === 'KeyW') {
      event.preventDefault()
      if (activePath !== undefined) closeFile(activePath)
    }
  }
  const onBeforeUnload = (event: BeforeUnloadEvent) => {
    if (store.getState().replicas.kept() > 0) event.preventDefault()
  }
  page.addEventListener('keydown', onKeyDown, true)
  page.addEventListener('beforeunload', onBeforeUnload)
  return () => {
    page.removeEventListener('keydown', onKeyDown, true)
    page.removeEventListener('beforeunload', onBeforeUnload)
  }
}
