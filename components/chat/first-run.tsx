import { ArrowUpRight } from 'lucide-react'
import { currentWorkspace } from '../../client/store/selectors.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const samples = ['first.sample1', 'first.sample2', 'first.sample3'] as const
const anywhere = ['first.any1', 'first.any2', 'first.any3'] as const

/** An empty thread teaches: what this is, and three things that work when clicked. */
export function FirstRun() {
  const t = useTranslate()
  const sample = useWorkbench((state) => currentWorkspace(state)?.sample ?? false)
  const send = useWorkbench((state) => state.send)
  const ready = useWorkbench((state) => state.status === 'open' && state.workspaceId !== undefined)
  return (
    <div className="flex min-h-0 flex-1 flex-col justify-end overflow-y-auto px-4 pb-4">
      <h3 className="font-strong text-n12 text-title">{t('first.title')}</h3>
      <ul className="mt-3 flex flex-col gap-1.5">
        {(['first.line1', 'first.line2', 'first.line3'] as const).map((line) => (
          <li key={line}>{t(line)}</li>
        ))}
      </ul>
      <p className="mt-5 mb-1.5 text-n10 text-small">{t('first.try')}</p>
      <div className="flex flex-col gap-1.5">
        {(sample ? samples : anywhere).map((key) => (
          <button
            key={key}
            type="button"
            disabled={!ready}
            onClick={() => send(t(key))}
            className="group flex min-h-9 items-center justify-between gap-2 rounded-md border border-n6 bg-n3 px-3 py-1.5 text-left text-n12 transition-colors hover:border-n8 hover:bg-n4 disabled:text-n10"
          >
            {t(key)}
            <ArrowUpRight size={14} aria-hidden className="shrink-0 text-n10 group-hover:text-n12" />
          </button>
        ))}
      </div>
    </div>
  )
}
