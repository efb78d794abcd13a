import type { ReactNode } from 'react'
import { Tooltip } from '../ui/tooltip.tsx'

/** A named fact. Ticking numbers are there to be read, not read out. */
export function Fact(props: {
  readonly label: string
  readonly help?: ReactNode
  readonly live?: 'polite'
  readonly children: ReactNode
}) {
  const fact = (
    <output aria-label={props.label} aria-live={props.live ?? 'off'} className="flex items-center gap-1.5">
      {props.children}
    </output>
  )
  if (!props.help) return fact
  return (
    <Tooltip label={props.help} side="top">
      {fact}
    </Tooltip>
  )
}
