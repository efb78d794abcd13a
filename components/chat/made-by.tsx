import type { LucideIcon } from 'lucide-react'

/** Not the turn's own model made what follows. */
export function MadeBy(props: { readonly Icon: LucideIcon; readonly children: string }) {
  const { Icon, children } = props
  return (
    <p className="mb-1 flex items-baseline gap-1.5 text-n11">
      <Icon size={13} aria-hidden className="shrink-0 self-center text-n10" />
      <span className="min-w-0 break-words">{children}</span>
    </p>
  )
}
