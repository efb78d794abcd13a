import { useEffect, useRef, useState } from 'react'
import type { Token } from '../chat/highlight-tokens.ts'
import { highlight } from '../chat/highlighter.ts'

export interface LinesInView {
  readonly lines: readonly string[]
  /** From 0; `to` is the first one below. */
  readonly from: number
  readonly to: number
}

interface Coloured {
  readonly view: LinesInView
  readonly tokens: readonly (readonly Token[])[]
}

/** Lines whose colours are remembered; as many as are seen in a long drag. */
const rememberedLines = 5000

/**
 * Colours of the lines in view, of a text that may be another one in each frame: one question at a time is under way
 * in the worker, always about the newest text, and until its answer comes a line looks as it did last.
 */
export function useLineColours(path: string, view: LinesInView) {
  const language = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  const [coloured, setColoured] = useState<Coloured>()
  const asking = useRef<{ readonly view: LinesInView; readonly cancel: () => void }>(undefined)
  const wanted = useRef(view)
  const byText = useRef(new Map<string, readonly Token[]>())
  const { lines, from, to } = view

  useEffect(() => {
    wanted.current = { lines, from, to }
    const ask = () => {
      const now = wanted.current
      const code = now.lines.slice(0, now.to).join('\n')
      const cancel = highlight({ language, code, fromLine: now.from }, (tokens) => {
        asking.current = undefined
        if (tokens.length === 0) return
        if (byText.current.size > rememberedLines) byText.current.clear()
        for (const [index, line] of tokens.entries()) {
          byText.current.set(now.lines[now.from + index] ?? '', line)
        }
        setColoured({ view: now, tokens })
        if (wanted.current !== now) ask()
      })
      asking.current = { view: now, cancel }
    }
    if (!asking.current) ask()
  }, [language, lines, from, to])
  useEffect(
    () => () => {
      asking.current?.cancel()
      asking.current = undefined
    },
    [],
  )

  return (index: number): readonly Token[] | undefined => {
    const text = lines[index] ?? ''
    const isSame = coloured?.view.lines[index] === text
    return (isSame ? coloured.tokens[index - coloured.view.from] : undefined) ?? byText.current.get(text)
  }
}
