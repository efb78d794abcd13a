import type { editor } from 'monaco-editor/editor'
import type * as Y from 'yjs'
import { decodePosition } from '../../core/document/position.ts'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { Hunk, HunkDecision } from '../../core/protocol/item.ts'
import type { CodeEditor } from './monaco.ts'

export interface PauseWords {
  readonly paused: string
  readonly resume: string
  readonly keepMine: string
}

export interface PauseChip {
  /** Asks about the hunk that stands still, if one does. */
  show(text: Y.Text, hunks: readonly Hunk[]): void
  clear(): void
}

/** Below the line where a person and the model met: shall the model go on, or the person's text stay? */
export function createPauseChip(options: {
  readonly code: CodeEditor
  readonly words: PauseWords
  readonly onDecide: (hunkId: HunkId, decision: HunkDecision) => void
}): PauseChip {
  const { code, words, onDecide } = options
  let shown: HunkId | undefined
  let position: editor.IContentWidgetPosition | null = null

  const node = document.createElement('div')
  node.className = 'tandem-pause-chip'
  node.setAttribute('role', 'group')
  node.setAttribute('aria-label', words.paused)
  const label = document.createElement('span')
  label.setAttribute('role', 'status')
  label.textContent = words.paused
  const row = document.createElement('div')
  row.append(label, button(words.resume, 'resume'), button(words.keepMine, 'keepMine'))
  node.append(row)
  const widget: editor.IContentWidget = {
    getId: () => 'tandem.pause',
    getDomNode: () => node,
    getPosition: () => position,
  }

  function button(text: string, decision: HunkDecision): HTMLElement {
    const element = document.createElement('button')
    element.type = 'button'
    element.textContent = text
    element.addEventListener('click', () => {
      if (shown !== undefined) onDecide(shown, decision)
      code.focus()
    })
    return element
  }

  function clear(): void {
    if (shown === undefined) return
    shown = undefined
    code.removeContentWidget(widget)
  }

  return {
    show(text, hunks) {
      const hunk = hunks.find(({ status, paused }) => status === 'writing' && paused === true)
      const at = hunk?.anchor && text.doc ? decodePosition(text.doc, hunk.anchor.to) : undefined
      const model = code.getModel()
      if (!hunk || at === undefined || !model) return clear()
      const { lineNumber } = model.getPositionAt(at)
      if (shown === hunk.id && position?.position?.lineNumber === lineNumber) return
      // 2: below, 1: above, where there is no room below.
      position = { position: { lineNumber, column: 1 }, preference: [2, 1] }
      if (shown === undefined) code.addContentWidget(widget)
      else code.layoutContentWidget(widget)
      shown = hunk.id
    },
    clear,
  }
}
