import type { CodeEditor } from './monaco.ts'

/** Marks what takes dragged text as the task of a job. */
const taker = '[data-takes-tasks]'
const modifiers: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'Meta'])

/**
 * Selected text can be dragged out of the editor to where jobs are. Monaco drags by the pointer and within itself alone:
 * let go elsewhere, the text would move to the nearest place in the file.
 */
export function watchDragOut(options: {
  readonly code: CodeEditor
  readonly canDrop: () => boolean
  readonly onOver: (over: boolean) => void
  readonly onDrop: () => void
}): () => void {
  const { code, canDrop, onOver, onDrop } = options
  const page = code.getContainerDomNode().ownerDocument
  let isOver = false
  const move = ({ clientX, clientY }: PointerEvent) => {
    const now = canDrop() && page.elementFromPoint(clientX, clientY)?.closest(taker) != null
    if (now !== isOver) onOver(now)
    isOver = now
  }
  const end = () => {
    page.removeEventListener('pointermove', move, { capture: true })
    page.removeEventListener('pointercancel', end, { capture: true })
    page.removeEventListener('keydown', key, { capture: true })
    page.removeEventListener('pointerup', drop, { capture: true })
    if (isOver) onOver(false)
    isOver = false
  }
  const drop = () => {
    const isWanted = isOver
    end()
    if (!isWanted) return
    // A key is how Monaco is told to leave the text where it is; this one means nothing to anybody.
    page.dispatchEvent(new KeyboardEvent('keydown', { key: 'Unidentified' }))
    onDrop()
  }
  // As Monaco has it: any key but those that say how the text is moved.
  const key = (event: KeyboardEvent) => {
    if (!modifiers.has(event.key)) end()
  }
  const down = code.onMouseDown(({ event, target }) => {
    const position = target.position
    const isDragged =
      position && code.getSelections()?.some((one) => !one.isEmpty() && one.containsPosition(position))
    if (!isDragged || !event.leftButton) return
    page.addEventListener('pointermove', move, { capture: true })
    page.addEventListener('pointerup', drop, { capture: true })
    page.addEventListener('pointercancel', end, { capture: true })
    page.addEventListener('keydown', key, { capture: true })
  })
  return () => {
    end()
    down.dispose()
  }
}
