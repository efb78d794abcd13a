import type { editor } from 'monaco-editor/editor'
import type { HunkId } from '../../core/protocol/ids.ts'
import type { CodeEditor } from './monaco.ts'

/** Where an unreviewed hunk stands in the shown text. */
export interface PlacedHunk {
  readonly id: HunkId
  readonly firstLine: number
  readonly lastLine: number
}

export interface HunkActionWords {
  readonly keep: string
  readonly undo: string
  readonly hunk: string
}

export interface HunkActions {
  /** Offers to judge the hunk under the pointer, else the one at the caret. */
  show(hunks: readonly PlacedHunk[]): void
  /** The hunk at the caret. */
  current(): PlacedHunk | undefined
  clear(): void
  dispose(): void
}

/** Two buttons at the right end of a hunk's first line. They lie over the code and never move it. */
export function createHunkActions(options: {
  readonly code: CodeEditor
  readonly words: HunkActionWords
  readonly keys: { readonly keep: string; readonly undo: string }
  readonly onKeep: (id: HunkId) => void
  readonly onUndo: (id: HunkId) => void
}): HunkActions {
  const { code, words, keys } = options
  let hunks: readonly PlacedHunk[] = []
  let pointed: number | undefined
  let shown: PlacedHunk | undefined
  let isAdded = false

  const node = document.createElement('div')
  node.className = 'tandem-hunk-actions'
  node.setAttribute('role', 'group')
  node.setAttribute('aria-label', words.hunk)
  node.append(
    button(words.keep, keys.keep, (id) => options.onKeep(id)),
    button(words.undo, keys.undo, (id) => options.onUndo(id)),
  )
  const widget: editor.IOverlayWidget = {
    getId: () => 'tandem.hunkActions',
    getDomNode: () => node,
    getPosition: () => null,
  }

  function button(name: string, key: string, run: (id: HunkId) => void): HTMLElement {
    const element = document.createElement('button')
    element.type = 'button'
    const hint = document.createElement('kbd')
    hint.textContent = key
    hint.setAttribute('aria-hidden', 'true')
    element.append(name, hint)
    element.addEventListener('click', () => {
      if (shown) run(shown.id)
      code.focus()
    })
    return element
  }

  function at(line: number | undefined): PlacedHunk | undefined {
    if (line === undefined) return undefined
    return hunks.find(({ firstLine, lastLine }) => firstLine <= line && line <= lastLine)
  }

  const atCaret = () => at(code.getPosition()?.lineNumber)

  function place(): void {
    shown = at(pointed) ?? atCaret()
    if (!shown) {
      if (isAdded) code.removeOverlayWidget(widget)
      isAdded = false
      return
    }
    const top = code.getTopForLineNumber(shown.firstLine) - code.getScrollTop()
    const { verticalScrollbarWidth, minimap } = code.getLayoutInfo()
    node.style.top = `${Math.max(0, top)}px`
    node.style.right = `${verticalScrollbarWidth + minimap.minimapWidth + 12}px`
    if (!isAdded) code.addOverlayWidget(widget)
    isAdded = true
  }

  const subscriptions = [
    code.onDidScrollChange(place),
    code.onDidLayoutChange(place),
    code.onMouseMove(({ target }) => {
      // Over the buttons themselves the pointer is at no line: the hunk stays.
      if (target.position === null || target.position.lineNumber === pointed) return
      pointed = target.position.lineNumber
      place()
    }),
    code.onMouseLeave(({ event }) => {
      if (node.contains(document.elementFromPoint(event.posx, event.posy))) return
      pointed = undefined
      place()
    }),
  ]

  function clear(): void {
    hunks = []
    pointed = undefined
    place()
  }

  return {
    show(next) {
      hunks = next
      place()
    },
    current: atCaret,
    clear,
    dispose() {
      clear()
      for (const subscription of subscriptions) subscription.dispose()
    },
  }
}
