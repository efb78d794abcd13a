import { Redo2 } from 'lucide-react'
import { may } from '../../client/store/selectors.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** The way back from the latest rewind, for as long as there is one. */
export function RewoundBar() {
  const t = useTranslate()
  const entry = useWorkbench((state) => (state.replay ? undefined : state.thread?.rewound?.at(-1)))
  const unrewind = useWorkbench((state) => state.unrewind)
  const goesForth = useWorkbench((state) => may(state, 'thread/unrewind'))
  if (!entry) return null
  const kind = entry.rerun !== undefined ? 'rerun' : entry.what === 'files' ? 'files' : 'conversation'
  return (
    <section
      aria-label={t('history.bar')}
      className="my-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-n6 border-dashed px-3 py-1.5 text-n10"
    >
      <p className="min-w-0 flex-1 basis-50">{t(`history.bar.${kind}`, { turns: entry.turns.length })}</p>
      {goesForth && (
        <Button look="quiet" className="h-6" onClick={() => void unrewind(entry.id)}>
          <Redo2 size={13} aria-hidden />
          {t('history.undoRewind')}
        </Button>
      )}
    </section>
  )
}
