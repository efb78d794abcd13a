import { type RefObject, useLayoutEffect } from 'react'

/** The field that goes away in this very commit had the focus. */
let isCarried = false

/** Where one field takes the place of another, as with the panes of another width or the first prompt of a thread, it takes its focus too. */
export function useCarriedFocus(field: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = field.current
    if (isCarried) element?.focus()
    isCarried = false
    return () => {
      isCarried = element !== null && document.activeElement === element
      queueMicrotask(() => {
        isCarried = false
      })
    }
  }, [field])
}
