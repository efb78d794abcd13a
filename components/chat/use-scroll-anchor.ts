import { type RefCallback, useCallback, useRef, useState } from 'react'

/** How near the end counts as being there, in pixels. */
const nearEnd = 24

/**
 * The one thing that scrolls the conversation: while the reader is at the end it stays at the end as the content
 * grows; the moment they scroll up it lets go. The browser's own anchoring keeps the place otherwise.
 */
export function useScrollAnchor() {
  const [following, setFollowing] = useState(true)
  const scroller = useRef<HTMLElement | null>(null)
  const anchored = useRef(true)

  const attach: RefCallback<HTMLElement> = useCallback((element) => {
    scroller.current = element
    if (!element) return
    let lastTop = element.scrollTop
    const set = (value: boolean) => {
      if (anchored.current === value) return
      anchored.current = value
      setFollowing(value)
    }
    const toEnd = () => {
      if (!anchored.current) return
      element.scrollTop = element.scrollHeight
      lastTop = element.scrollTop
    }
    const onScroll = () => {
      const top = element.scrollTop
      const atEnd = element.scrollHeight - element.clientHeight - top <= nearEnd
      if (atEnd) set(true)
      else if (top < lastTop - 1) set(false)
      lastTop = top
    }
    const onWheel = (event: WheelEvent) => {
      if (event.deltaY < 0 && element.scrollHeight > element.clientHeight) set(false)
    }
    const observer = new ResizeObserver(toEnd)
    observer.observe(element)
    for (const child of element.children) observer.observe(child)
    element.addEventListener('scroll', onScroll, { passive: true })
    element.addEventListener('wheel', onWheel, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
      element.removeEventListener('wheel', onWheel)
    }
  }, [])

  const jump = useCallback(() => {
    const element = scroller.current
    if (!element) return
    anchored.current = true
    setFollowing(true)
    element.scrollTop = element.scrollHeight
  }, [])

  /** Goes to one place and stays there, unless that is the end. */
  const reveal = useCallback((place: Element) => {
    const element = scroller.current
    if (!element) return
    place.scrollIntoView({ block: 'start' })
    const atEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= nearEnd
    anchored.current = atEnd
    setFollowing(atEnd)
  }, [])

  return { attach, following, jump, reveal }
}
