import type { editor, IRange } from 'monaco-editor/editor'
import type { InlinePlace } from '../../core/protocol/item.ts'
import { limits } from '../../core/protocol/limits.ts'
import type { InlineAsk } from '../store/inline-field.ts'
import type { CodeEditor } from './monaco.ts'

/** Room between two lines in which the page draws the field of an edit in place. */
export interface InlineZone {
  readonly path: string
  readonly node: HTMLElement
  /** It was not there before: the field takes the focus. */
  readonly isNew: boolean
  /** Where the edit is to be, as the text is now. */
  where(): InlineAsk
}

export interface InlineZones {
  /** Opens the room above `lines`, or else the selections of now; when the file had one, where that was. */
  show(path: string, lines: () => LineRange | undefined): void
  /** Another text comes into view: the room goes, its places stay. */
  hide(): void
  /** The field is closed. */
  end(path: string): void
  dispose(): void
}

/** From 1, the last one included. */
export interface LineRange {
  readonly startLine: number
  readonly endLine: number
}

interface Places {
  readonly model: editor.ITextModel
  readonly decorations: readonly { readonly id: string; readonly isCaret: boolean }[]
}

/** Until the field has been drawn and measured. */
const firstHeight = 76
const widest = 720
/** Longer selections are cut off: the prompt has the file anyway. */
const placeChars = 20_000

/** What ends before the first character of a line does not hold that line. */
function lastLineOf(range: Pick<IRange, 'startLineNumber' | 'endLineNumber' | 'endColumn'>): number {
  const { startLineNumber, endLineNumber, endColumn } = range
  return endColumn === 1 && endLineNumber > startLineNumber ? endLineNumber - 1 : endLineNumber
}

export function createInlineZones(options: {
  readonly code: CodeEditor
  readonly onZone: (zone: InlineZone | undefined) => void
}): InlineZones {
  const { code, onZone } = options
  const placesByPath = new Map<string, Places>()
  let open: { readonly path: string; close(): void } | undefined

  function selected(): (LineRange & { readonly isCaret: boolean })[] {
    const lines = new Map<number, LineRange & { readonly isCaret: boolean }>()
    for (const selection of code.getSelections() ?? []) {
      const startLine = selection.startLineNumber
      if (lines.size < limits.inlinePlaces)
        lines.set(startLine, { startLine, endLine: lastLineOf(selection), isCaret: selection.isEmpty() })
    }
    return [...lines.values()]
  }

  function take(path: string, model: editor.ITextModel, known: LineRange | undefined): Places {
    const wanted = known ? [{ ...known, isCaret: false }] : selected()
    const ids = model.deltaDecorations(
      [],
      wanted.map(({ startLine, endLine }) => ({
        range: {
          startLineNumber: startLine,
          startColumn: 1,
          endLineNumber: endLine,
          endColumn: model.getLineMaxColumn(endLine),
        },
        // Grows with what is written at its edges.
        options: { isWholeLine: true, className: 'tandem-inline-place', stickiness: 0 },
      })),
    )
    const decorations = ids.map((id, index) => ({ id, isCaret: wanted[index]?.isCaret ?? false }))
    const places = { model, decorations }
    placesByPath.set(path, places)
    return places
  }

  function read({ model, decorations }: Places): InlinePlace[] {
    return decorations.flatMap(({ id, isCaret }) => {
      const range = model.getDecorationRange(id)
      if (!range) return []
      const startLine = range.startLineNumber
      const endLine = lastLineOf(range)
      if (isCaret && startLine === endLine) return [{ startLine, endLine, text: '' }]
      const whole = { ...range, endLineNumber: endLine, endColumn: model.getLineMaxColumn(endLine) }
      return [{ startLine, endLine, text: model.getValueInRange(whole).slice(0, placeChars) }]
    })
  }

  function where(places: Places): InlineAsk {
    const found = read(places)
    const position = code.getPosition()
    return {
      places: found.length > 0 ? found : [{ startLine: 1, endLine: 1, text: '' }],
      cursor: position ? { line: position.lineNumber, column: position.column } : undefined,
    }
  }

  /** The room and the node that lies over it; lines below stay where they are, as far as there is room above. */
  function openRoom(firstLine: number, node: HTMLElement): () => void {
    const zone: editor.IViewZone = {
      afterLineNumber: firstLine - 1,
      heightInPx: 0,
      domNode: document.createElement('div'),
      suppressMouseDown: true,
      onDomNodeTop: (top) => {
        node.style.top = `${top}px`
      },
    }
    const widget: editor.IOverlayWidget = {
      getId: () => 'tandem.inline',
      getDomNode: () => node,
      getPosition: () => null,
    }
    let id = ''
    code.changeViewZones((accessor) => {
      id = accessor.addZone(zone)
    })
    let height = 0
    const resize = (next: number) => {
      if (next === height) return
      const above = code.getTopForLineNumber(firstLine) - height - code.getScrollTop()
      const before = code.getScrollTop()
      zone.heightInPx = next
      code.changeViewZones((accessor) => accessor.layoutZone(id))
      const grown = next - height
      code.setScrollTop(before + Math.min(grown, Math.max(0, above)), 1)
      height = next
    }
    const layout = () => {
      const { contentLeft, contentWidth, verticalScrollbarWidth, width } = code.getLayoutInfo()
      const isNarrow = width < 520
      const left = isNarrow ? 8 : contentLeft
      const room = (isNarrow ? width - 16 : contentWidth - 12) - verticalScrollbarWidth
      node.style.left = `${left}px`
      node.style.width = `${Math.min(room, widest)}px`
    }
    layout()
    resize(firstHeight)
    code.addOverlayWidget(widget)
    const observer = new ResizeObserver(() => {
      if (node.offsetHeight > 0) resize(node.offsetHeight)
    })
    observer.observe(node)
    const subscription = code.onDidLayoutChange(layout)
    return () => {
      observer.disconnect()
      subscription.dispose()
      code.removeOverlayWidget(widget)
      const before = code.getScrollTop()
      code.changeViewZones((accessor) => accessor.removeZone(id))
      code.setScrollTop(Math.max(0, before - height), 1)
    }
  }

  function hide(): void {
    open?.close()
    open = undefined
  }

  function end(path: string): void {
    if (open?.path === path) hide()
    const places = placesByPath.get(path)
    if (!places) return
    placesByPath.delete(path)
    const ids = places.decorations.map(({ id }) => id)
    if (!places.model.isDisposed()) places.model.deltaDecorations(ids, [])
  }

  return {
    show(path, lines) {
      const model = code.getModel()
      if (open?.path === path || !model) return
      hide()
      const present = placesByPath.get(path)
      const known = present ? undefined : lines()
      const places = present ?? take(path, model, known)
      const firstLine = read(places)[0]?.startLine ?? 1
      if (!present) code.revealLineInCenterIfOutsideViewport(firstLine, 1)
      const node = document.createElement('div')
      node.className = 'tandem-inline'
      const closeRoom = openRoom(firstLine, node)
      open = {
        path,
        close() {
          onZone(undefined)
          closeRoom()
        },
      }
      // One that comes back with the page takes the focus from nobody.
      const isFree = !known || document.activeElement === document.body
      onZone({ path, node, isNew: !present && isFree, where: () => where(places) })
    },
    hide,
    end,
    dispose() {
      for (const path of [...placesByPath.keys()]) end(path)
    },
  }
}
