import { CircleHelp, Clock } from 'lucide-react'
import { useShallow } from 'zustand/react/shallow'
import { type OwnSteer, unseenSteers } from '../../client/store/steer-slice.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Words on their way to the running turn, which the thread does not show yet. */
export function OwnSteers() {
  const steers = useWorkbench(useShallow(unseenSteers))
  return steers.map((steer) => <OwnSteerView key={steer.id} steer={steer} />)
}

function OwnSteerView({ steer }: { readonly steer: OwnSteer }) {
  const t = useTranslate()
  const online = useWorkbench((state) => state.status === 'open')
  const resend = useWorkbench((state) => state.resendSteer)
  const takeBack = useWorkbench((state) => state.takeBackSteer)
  const unknown = steer.state === 'unknown'
  const Icon = unknown ? CircleHelp : Clock
  return (
    <div className="mt-2 rounded-md border border-n6 bg-n4 px-3 py-2 text-n12">
      <h3 className="mb-0.5 flex items-center gap-1 text-n10 text-small">
        {t('steer.title')}
        <span
          role="status"
          className={unknown ? 'flex items-center gap-1 text-attention' : 'flex items-center gap-1'}
        >
          <Icon size={12} aria-hidden />
          {t(unknown ? 'steer.unknown' : 'steer.sending')}
        </span>
      </h3>
      <p className="whitespace-pre-wrap break-words">{steer.text}</p>
      {unknown && (
        <div className="mt-1.5 flex flex-wrap items-center gap-1">
          <p className="w-full text-n10 text-small">{t('steer.unknownHelp')}</p>
          <Button className="h-6" disabled={!online} onClick={() => resend(steer.id)}>
            {t('steer.again')}
          </Button>
          <Button className="h-6" look="quiet" onClick={() => takeBack(steer.id)}>
            {t('steer.takeBack')}
          </Button>
        </div>
      )}
    </div>
  )
}
