import type { ReactNode } from 'react'
import { Kbd } from './kbd.tsx'

/** The key of what it stands beside: left out where a finger does it, or there is no room to say so. */
export function KeyHint({ children }: { readonly children: ReactNode }) {
  return (
    <span className="contents max-sm:hidden pointer-coarse:hidden">
      <Kbd>{children}</Kbd>
    </span>
  )
}
