import type { editor } from 'monaco-editor/editor'
import type { HunkId } from '../../core/protocol/ids.ts'
import { type Lines, placeChip } from './chip-place.ts'
import { readLineEnds } from './line-ends.ts'
import type { CodeEditor, Monaco } from './monaco.ts'

/** Where an unreviewed hunk stands in the shown text. */
export interface PlacedHunk extends Lines {
  readonly id: HunkId
}

/** Between the text and the buttons, and between these and the edge of the code. */
const gapPx = 12
/** Where less of the code can be seen, the keys would take half of a line. */
const roomyPx = 520

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

/** Two buttons at the right edge of the code, over no line that changed. They never move it. */
export function createHunkActions(options: {
  readonly code: CodeEditor
  readonly monaco: Monaco['editor']
  readonly words: HunkActionWords
  readonly keys: { readonly keep: string; readonly undo: string }
  readonly onKeep: (id: HunkId) => void
  readonly onUndo: (id: HunkId) => void
}): HunkActions {
  const { code, monaco, words, keys } = options
  const { EditorOption } = monaco
  let hunks: readonly PlacedHunk[] = []
  let pointed: number | undefined
  let shown: PlacedHunk | undefined
  let isAdded = false
  let size: { readonly width: number; readonly height: number } | undefined
  /** The lines it covers, and those of the hunk it was placed for. */
  let covered: (Lines & { readonly of: PlacedHunk }) | undefined

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

  /** On the way to the buttons the pointer may pass the lines beside them. */
  function pointedAt(): PlacedHunk | undefined {
    const hunk = at(pointed)
    if (hunk || pointed === undefined || !covered) return hunk
    const { firstLine, lastLine, of } = covered
    if (pointed < firstLine || pointed > lastLine) return undefined
    return hunks.find(({ id }) => id === of.id)
  }

  const atCaret = () => at(code.getPosition()?.lineNumber)

  function place(): void {
    const wanted = pointedAt() ?? atCaret()
    // Scrolled away with its lines: it would stand beside those of others.
    shown = wanted && isInView(wanted) ? wanted : undefined
    if (!shown) {
      if (isAdded) code.removeOverlayWidget(widget)
      isAdded = false
      covered = undefined
      return
    }
    const { verticalScrollbarWidth, minimap, contentWidth } = code.getLayoutInfo()
    node.classList.toggle('tandem-hunk-actions-bare', contentWidth < roomyPx)
    if (!isAdded) code.addOverlayWidget(widget)
    isAdded = true
    size ??= { width: node.offsetWidth, height: node.offsetHeight }
    node.style.top = `${topOf(shown, size)}px`
    node.style.right = `${verticalScrollbarWidth + minimap.minimapWidth + gapPx}px`
  }

  /** From the editor's upper edge. */
  function topOf(hunk: PlacedHunk, { width, height }: NonNullable<typeof size>): number {
    const linePx = code.getOption(EditorOption.lineHeight)
    const rows = Math.ceil(height / linePx)
    const { roomPx, endOf } = readLineEnds(code, monaco)
    const isFree = (line: number) => {
      const end = endOf(line)
      return !end || (!end.isWrapped && end.px + gapPx <= roomPx - gapPx - width)
    }
    const last = covered?.of.id === hunk.id ? covered : undefined
    const start = placeChip(hunk, {
      rows,
      view: linesInView(linePx),
      others: hunks.filter(({ id }) => id !== hunk.id),
      before: last && hunk.firstLine + last.firstLine - last.of.firstLine,
      isFree,
    })
    covered = start === undefined ? undefined : { firstLine: start, lastLine: start + rows - 1, of: hunk }
    const viewPx = viewHeight()
    if (covered === undefined) return viewPx - height
    const { firstLine, lastLine } = covered
    // A line that is wrapped is higher: above the hunk its last row is the one that is near.
    const isAbove = lastLine < hunk.firstLine
    const top = isAbove ? topOfLine(lastLine + 1, linePx) - rows * linePx : topOfLine(firstLine, linePx)
    return top + (rows * linePx - height) / 2 - code.getScrollTop()
  }

  function isInView({ firstLine, lastLine }: Lines): boolean {
    const view = linesInView(code.getOption(EditorOption.lineHeight))
    return firstLine <= view.lastLine && lastLine >= view.firstLine
  }

  function viewHeight(): number {
    const { height, horizontalScrollbarHeight } = code.getLayoutInfo()
    return height - horizontalScrollbarHeight
  }

  /** Below the last line there is room as well. */
  function topOfLine(line: number, linePx: number): number {
    const count = code.getModel()?.getLineCount() ?? 0
    if (line <= count) return code.getTopForLineNumber(line)
    return code.getBottomForLineNumber(count) + (line - count - 1) * linePx
  }

  function linesInView(linePx: number): Lines {
    const ranges = code.getVisibleRanges()
    const firstLine = ranges[0]?.startLineNumber ?? 1
    const lastLine = ranges.at(-1)?.endLineNumber ?? firstLine
    const count = code.getModel()?.getLineCount() ?? 0
    if (lastLine < count) return { firstLine, lastLine }
    const belowPx = code.getScrollTop() + viewHeight() - code.getBottomForLineNumber(count)
    return { firstLine, lastLine: lastLine + Math.max(0, Math.floor(belowPx / linePx)) }
  }

  // Another width of the page or the editor, other buttons.
  const observer = new ResizeObserver(() => {
    if (node.offsetWidth === 0) return
    size = { width: node.offsetWidth, height: node.offsetHeight }
    place()
  })
  observer.observe(node)

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
      observer.disconnect()
      for (const subscription of subscriptions) subscription.dispose()
    },
  }
}
