import { type RefObject, useLayoutEffect } from 'react'

/** The field that goes away in this very commit had the focus, with the caret here. */
let carried: { readonly start: number; readonly end: number } | undefined

/** Where one field takes the place of another, as with the panes of another width or the first prompt of a thread, it takes its focus and caret too. */
export function useCarriedFocus(field: RefObject<HTMLTextAreaElement | null>): void {
  useLayoutEffect(() => {
    const element = field.current
    if (carried) {
      element?.focus()
      element?.setSelectionRange(carried.start, carried.end)
    }
    carried = undefined
    return () => {
      if (!element || document.activeElement !== element) return
      carried = { start: element.selectionStart, end: element.selectionEnd }
      queueMicrotask(() => {
        carried = undefined
      })
    }
  }, [field])
}
