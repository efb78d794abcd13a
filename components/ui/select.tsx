import { Check, ChevronsUpDown } from 'lucide-react'
import { Select as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { fieldClass } from './field.tsx'

interface SelectOption<T extends string> {
  /** Not empty. */
  readonly value: T
  readonly label: ReactNode
}

/** One of several in a form, in one line; opens to a list like the menus. */
export function Select<T extends string>(props: {
  /** Left out where a label stands around it. */
  readonly label?: string
  readonly value: T
  /** Those of one group stand together, under its title if it has one. */
  readonly groups: readonly { readonly title?: string; readonly options: readonly SelectOption<T>[] }[]
  readonly onChoose: (value: T) => void
  readonly className?: string
}) {
  const { value, groups, onChoose } = props
  const shown = groups.filter(({ options }) => options.length > 0)
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => {
        const chosen = shown.flatMap(({ options }) => options).find((option) => option.value === next)
        if (chosen) onChoose(chosen.value)
      }}
    >
      <Radix.Trigger
        aria-label={props.label}
        className={cx(
          fieldClass,
          'flex h-7 items-center gap-1.5 py-0! text-left transition-colors hover:border-n8 data-[state=open]:border-accent pointer-coarse:h-11',
          props.className,
        )}
      >
        <span className="min-w-0 flex-1 truncate">
          <Radix.Value />
        </span>
        <Radix.Icon asChild>
          <ChevronsUpDown size={13} aria-hidden className="shrink-0 text-n10" />
        </Radix.Icon>
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="pop fade-in z-50 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden"
        >
          <Radix.Viewport className="p-1">
            {shown.map(({ title, options }, index) => (
              <Radix.Group key={title ?? index}>
                {index > 0 && <Radix.Separator className="-mx-1 my-1 h-px bg-n6" />}
                {title !== undefined && (
                  <Radix.Label className="px-2 pt-1.5 pb-0.5 text-n10 text-small">{title}</Radix.Label>
                )}
                {options.map((option) => (
                  <Radix.Item
                    key={option.value}
                    value={option.value}
                    className="row-h flex select-none items-center gap-2 rounded-sm pr-3 pl-2 text-n11 outline-none data-highlighted:bg-n5 data-highlighted:text-n12"
                  >
                    <span className="flex w-4 shrink-0">
                      <Radix.ItemIndicator>
                        <Check size={14} aria-hidden />
                      </Radix.ItemIndicator>
                    </span>
                    <Radix.ItemText>{option.label}</Radix.ItemText>
                  </Radix.Item>
                ))}
              </Radix.Group>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
