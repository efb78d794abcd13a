import type { ReactNode } from 'react'
import { Kbd } from '../ui/tooltip.tsx'

/** A finger has no keys. */
export function KeyHint({ children }: { readonly children: ReactNode }) {
  return (
    <span className="contents max-sm:hidden pointer-coarse:hidden">
      <Kbd>{children}</Kbd>
    </span>
  )
}
