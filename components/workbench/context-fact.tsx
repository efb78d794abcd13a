import { Popover } from 'radix-ui'
import { currentModel, may } from '../../client/store/selectors.ts'
import { canCompact } from '../../client/store/window-slice.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Fact } from './fact.tsx'
import { formatCount, formatWindow } from './format.ts'
import { useWorkbench } from './store-provider.tsx'
import { useLanguage, useTranslate } from './use-translate.ts'

/** How full the model's window is; behind it, by what. `brief`: where there is room for a figure only. */
export function ContextFact({ brief = false }: { readonly brief?: boolean }) {
  const t = useTranslate()
  const contextWindow = useWorkbench((state) => currentModel(state)?.contextWindow)
  const tokens = useWorkbench((state) => state.thread?.contextTokens ?? 0)
  const status = useWorkbench((state) => state.thread?.compacting?.status)
  const load = useWorkbench((state) => state.loadWindowUse)
  if (!contextWindow) return null
  const share = tokens / contextWindow
  const figures = {
    percent: tokens > 0 ? Math.max(1, Math.round(share * 100)) : 0,
    window: formatWindow(contextWindow),
  }
  return (
    <Fact label={t('status.context')}>
      <Popover.Root onOpenChange={(open) => open && void load()}>
        <Popover.Trigger asChild>
          <button
            type="button"
            aria-label={t('window.open', figures)}
            className={cx(
              'hit rounded-sm px-1 hover:bg-n4 hover:text-n12',
              status === 'failed' || share > 0.9 ? 'text-danger' : share > 0.7 && 'text-attention',
            )}
          >
            {brief ? `${figures.percent}%` : t('status.contextUse', figures)}
          </button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            side="top"
            align="end"
            sideOffset={6}
            collisionPadding={8}
            aria-label={t('window.title')}
            className="pop fade-in tabular z-50 max-h-(--radix-popover-content-available-height) w-72 max-w-[calc(100vw-16px)] overflow-y-auto p-3 text-small outline-none"
          >
            <h2 className="mb-2 font-strong text-n12">{t('window.title')}</h2>
            <Figures />
            <p className="mt-2 text-n10">{t('window.fits')}</p>
            <Summary />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </Fact>
  )
}

const parts = ['instructions', 'tools', 'files', 'summary', 'history', 'reserve'] as const
const tones = {
  instructions: 'bg-n8',
  tools: 'bg-n9',
  files: 'bg-author-2',
  summary: 'bg-author-3',
  history: 'bg-author-1',
  reserve: 'bg-n7',
} as const

function Figures() {
  const t = useTranslate()
  const language = useLanguage()
  const use = useWorkbench((state) => state.windowUse)
  const hasThread = useWorkbench((state) => state.threadId !== undefined)
  if (!hasThread) return <p className="text-n10">{t('window.begin')}</p>
  if (use === 'failed') return <p className="text-danger">{t('window.unknown')}</p>
  const free = use && Math.max(0, use.window - parts.reduce((sum, part) => sum + use[part], 0))
  return (
    <>
      <div aria-hidden className="mb-2 flex h-2 overflow-hidden rounded-full border border-n7 bg-n3">
        {use &&
          parts.map((part) => (
            <span
              key={part}
              className={tones[part]}
              style={{ width: `${(use[part] / use.window) * 100}%` }}
            />
          ))}
      </div>
      <dl className="grid grid-cols-[1fr_auto] gap-y-0.5" aria-busy={!use}>
        {parts.map((part) => (
          <Row key={part} tone={tones[part]} name={t(`window.${part}`)}>
            {use ? formatCount(use[part], language) : '…'}
          </Row>
        ))}
        <Row tone="border border-n7" name={t('window.free')}>
          {free === undefined ? '…' : formatCount(free, language)}
        </Row>
      </dl>
    </>
  )
}

function Row(props: { readonly tone: string; readonly name: string; readonly children: string }) {
  return (
    <>
      <dt className="flex items-center gap-2 text-n11">
        <span aria-hidden className={cx('size-2 rounded-full', props.tone)} />
        {props.name}
      </dt>
      <dd className="text-right text-n12">{props.children}</dd>
    </>
  )
}

/** How a summary on its way stands, and what can be done about it. */
function Summary() {
  const t = useTranslate()
  const compacting = useWorkbench((state) => state.thread?.compacting)
  const some = useWorkbench((state) => canCompact(state.thread))
  const mayCompact = useWorkbench((state) => may(state, 'thread/compact'))
  const compact = useWorkbench((state) => state.compact)
  const stop = useWorkbench((state) => state.stopCompact)
  const isFailed = compacting?.status === 'failed'
  return (
    <div className="mt-2">
      {compacting && (
        <p role="status" className={cx('mb-2', isFailed ? 'text-danger' : 'text-n11')}>
          {t(`compact.${compacting.status}`, { detail: compacting.detail ?? '' })}
        </p>
      )}
      {mayCompact && !some && !compacting && <p className="text-n10">{t('compact.nothing')}</p>}
      {mayCompact && (some || compacting) && (
        <div className="flex gap-2">
          {(!compacting || isFailed) && (
            <Button onClick={compact}>{t(isFailed ? 'compact.again' : 'compact.now')}</Button>
          )}
          {compacting && (
            <Button look={isFailed ? 'quiet' : 'plain'} onClick={stop}>
              {t(isFailed ? 'compact.dismiss' : 'compact.stop')}
            </Button>
          )}
        </div>
      )}
    </div>
  )
}
