import { useEffect } from 'react'
import { commands, isAvailable } from '../../client/store/commands.ts'
import { isMac, matchesKeys } from '../../client/store/keys.ts'
import { useWorkbenchStore } from './store-provider.tsx'

/** Listens for the keys of the commands table, before the editor does. */
export function useCommandKeys(): void {
  const store = useWorkbenchStore()
  useEffect(() => {
    const mac = isMac(navigator.platform)
    const onKeyDown = (event: KeyboardEvent, scope: 'bare' | undefined) => {
      if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
      const state = store.getState()
      const command = commands.find(
        (each) =>
          [each.keys, each.otherKeys].some((those) => those && matchesKeys(event, those, { mac })) &&
          each.scope === scope &&
          isAvailable(each, state),
      )
      if (!command || (scope === 'bare' && state.overlay)) return
      if (scope === 'bare' && ownsBareKeys(event.target, event.key)) return
      event.preventDefault()
      event.stopPropagation()
      command.run(state)
    }
    const early = (event: KeyboardEvent) => onKeyDown(event, undefined)
    // Bare keys come last: a menu or a suggestion that wants Escape has had it by then.
    const late = (event: KeyboardEvent) => onKeyDown(event, 'bare')
    window.addEventListener('keydown', early, true)
    window.addEventListener('keydown', late)
    return () => {
      window.removeEventListener('keydown', early, true)
      window.removeEventListener('keydown', late)
    }
  }, [store])
}

/** Characters belong to fields; Escape belongs to the code editor, whose widgets close with it. */
function ownsBareKeys(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('.monaco-editor, [role="dialog"], [role="menu"]')) return true
  return key.length === 1 && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
