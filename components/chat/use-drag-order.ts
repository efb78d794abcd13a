import { type PointerEvent, type RefObject, useState } from 'react'

/** How near the edge of the list the pointer makes it scroll, in pixels, and how far each time. */
const edge = 24
const step = 8

interface Drag {
  readonly id: string
  /** Before which of the rows, as they stand, the dragged one would be put. */
  readonly slot: number
}

/** Rows of a list that are dragged by a handle to another place. Nothing moves until the pointer lets go. */
export function useDragOrder(options: {
  readonly list: RefObject<HTMLElement | null>
  readonly ids: readonly string[]
  readonly onMove: (id: string, to: number) => void
}) {
  const { list, ids, onMove } = options
  const [drag, setDrag] = useState<Drag>()

  const slotAt = (y: number): number => {
    const rows = [...(list.current?.children ?? [])]
    const below = rows.findIndex((row) => {
      const { top, height } = row.getBoundingClientRect()
      return y < top + height / 2
    })
    return below < 0 ? rows.length : below
  }

  const handleOf = (id: string) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return
      event.preventDefault()
      event.currentTarget.setPointerCapture(event.pointerId)
      setDrag({ id, slot: ids.indexOf(id) })
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (drag?.id !== id || !list.current) return
      const { top, bottom } = list.current.getBoundingClientRect()
      if (event.clientY < top + edge) list.current.scrollTop -= step
      if (event.clientY > bottom - edge) list.current.scrollTop += step
      setDrag({ id, slot: slotAt(event.clientY) })
    },
    onPointerUp: () => {
      if (drag?.id !== id) return
      setDrag(undefined)
      const from = ids.indexOf(id)
      const to = drag.slot > from ? drag.slot - 1 : drag.slot
      if (from >= 0 && to !== from) onMove(id, to)
    },
    onPointerCancel: () => setDrag(undefined),
  })

  return { drag, handleOf }
}
