import { Layers } from 'lucide-react'
import { commands } from '../../client/store/commands.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { Button } from '../ui/button.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Gives what is typed, or the rest of the running turn, to a job. */
export function HandOffButton({ onHandOff }: { readonly onHandOff: () => void }) {
  const t = useTranslate()
  const online = useWorkbench((state) => state.status === 'open' && state.replay === undefined)
  const isJob = useWorkbench((state) => state.thread?.job !== undefined)
  const keys = commands.find(({ id }) => id === 'handOff')?.keys
  if (isJob) return null
  return (
    <IfMay action="job/start">
      <Tooltip
        label={`${t('jobs.handOff')} – ${t('jobs.handOffHelp')}`}
        keys={keys && showKeys(keys, { mac: isMac(navigator.platform) })}
        side="top"
      >
        <Button
          look="quiet"
          aria-label={t('jobs.handOff')}
          disabled={!online}
          onClick={onHandOff}
          className="px-1.5!"
        >
          <Layers size={14} aria-hidden />
        </Button>
      </Tooltip>
    </IfMay>
  )
}
