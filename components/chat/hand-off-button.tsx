import { ChevronDown, Layers } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useRef } from 'react'
import { commands } from '../../client/store/commands.ts'
import type { HandOffOptions } from '../../client/store/hand-off-slice.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const itemClass =
  'flex select-none flex-col rounded-sm px-2 py-1.5 text-n12 outline-none data-highlighted:bg-n5 pointer-coarse:min-h-11'

/** Gives what is typed, or the rest of the running turn, to a job. */
export function HandOffButton(props: {
  readonly onHandOff: (options?: HandOffOptions) => void
  /** The words are given over to a form that asks for more. */
  readonly onMore: () => void
  /** The same, for several jobs. */
  readonly onCandidates: () => void
}) {
  const t = useTranslate()
  const online = useWorkbench((state) => state.status === 'open' && state.replay === undefined)
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  /** What takes the focus itself is begun when the menu has given it up. */
  const afterClose = useRef<() => void>(undefined)
  const keys = commands.find(({ id }) => id === 'handOff')?.keys
  if (isJob) return null
  return (
    <IfMay action="job/start">
      <span className="flex items-center">
        <Tooltip
          label={`${t('jobs.handOff')} – ${t('jobs.handOffHelp')}`}
          keys={keys && showKeys(keys, { mac: isMac(navigator.platform) })}
          side="top"
        >
          <Button
            look="quiet"
            aria-label={t('jobs.handOff')}
            disabled={!online}
            onClick={() => props.onHandOff()}
            className="px-1.5!"
          >
            <Layers size={14} aria-hidden />
          </Button>
        </Tooltip>
        <DropdownMenu.Root>
          <DropdownMenu.Trigger asChild disabled={!online}>
            <IconButton label={t('jobs.handOffMenu')} side="top" className="w-4!">
              <ChevronDown size={12} aria-hidden />
            </IconButton>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              side="top"
              align="end"
              sideOffset={4}
              collisionPadding={8}
              className="pop fade-in z-50 w-64 p-1"
              onCloseAutoFocus={(event) => {
                const run = afterClose.current
                if (!run) return
                afterClose.current = undefined
                event.preventDefault()
                run()
              }}
            >
              <DropdownMenu.Item className={itemClass} onSelect={() => props.onHandOff({ planFirst: true })}>
                {t('jobs.planFirst')}
                <span className="text-n10 text-small">{t('jobs.planFirstHelp')}</span>
              </DropdownMenu.Item>
              <DropdownMenu.Item
                className={itemClass}
                onSelect={() => {
                  afterClose.current = props.onCandidates
                }}
              >
                {t('candidates.more')}
                <span className="text-n10 text-small">{t('candidates.moreHelp')}</span>
              </DropdownMenu.Item>
              <DropdownMenu.Item
                className={itemClass}
                onSelect={() => {
                  afterClose.current = props.onMore
                }}
              >
                {t('jobs.handOffMore')}
              </DropdownMenu.Item>
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      </span>
    </IfMay>
  )
}
