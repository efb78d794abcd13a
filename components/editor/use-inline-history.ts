import { type KeyboardEvent, useRef } from 'react'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'

/** Up and Down in a field go through earlier prompts, as in a shell: below the newest is what was being written. */
export function useInlineHistory(text: string, write: (text: string) => void) {
  const store = useWorkbenchStore()
  const walk = useRef<{ readonly draft: string; back: number }>(undefined)

  return {
    /** The person writes something of their own. */
    reset() {
      walk.current = undefined
    },
    onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
      const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
      if (by === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return
      const { value, selectionStart, selectionEnd } = event.currentTarget
      const beside = by === 1 ? value.slice(0, selectionStart) : value.slice(selectionEnd)
      // Within a longer text the keys move the caret.
      if (beside.includes('\n')) return
      const prompts = store.getState().inlineHistory
      const { draft, back } = walk.current ?? { draft: text, back: 0 }
      const next = back + by
      if (next < 0 || next > prompts.length) return
      event.preventDefault()
      walk.current = { draft, back: next }
      write(next === 0 ? draft : (prompts.at(-next) ?? ''))
    },
  }
}
