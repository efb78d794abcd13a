import type { ReactNode } from 'react'

/** A key as written on the keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="whitespace-nowrap rounded-sm border border-n7 bg-n4 px-1 font-sans text-n10 text-small">
      {children}
    </kbd>
  )
}
