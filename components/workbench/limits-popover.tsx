import { Popover } from 'radix-ui'
import { type ReactNode, useEffect } from 'react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { otherModels } from '../../client/store/limits-slice.ts'
import { currentModel, may, modelName, runningTurn } from '../../client/store/selectors.ts'
import { tierNameOf } from '../../core/protocol/model.ts'
import type { Bound, PoolView } from '../../core/protocol/quota.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { formatClock, formatCount, formatMs } from './format.ts'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useDuration, useTimeUntil } from './use-time-until.ts'
import { useLanguage, useTranslate } from './use-translate.ts'

const everyMs = 1000
/** Until then a wait is told by its length, later by the clock. */
const soonMs = 10 * 60_000

/** What is left of the model, and what one can do when it is not enough. */
export function LimitsPopover(props: { readonly trigger: ReactNode; readonly align: 'start' | 'end' }) {
  const t = useTranslate()
  return (
    <Popover.Root>
      <Popover.Trigger asChild>{props.trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align={props.align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={t('limits.open')}
          className="pop fade-in tabular z-50 max-h-(--radix-popover-content-available-height) w-80 max-w-[calc(100vw-16px)] overflow-y-auto p-3 text-small outline-none"
        >
          <Content />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Content() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const hasThread = useWorkbench((state) => state.threadId !== undefined)
  const view = useWorkbench((state) => state.poolView)
  const waiting = useWorkbench((state) => runningTurn(state)?.waiting)
  const name = useWorkbench((state) => {
    const { poolView } = state
    if (!poolView || poolView === 'failed') return currentModel(state)?.name ?? ''
    return modelName(state, poolView.pool.modelId)
  })
  useEffect(() => {
    const load = () => void store.getState().loadLimits()
    load()
    const timer = setInterval(load, everyMs)
    return () => clearInterval(timer)
  }, [store])
  return (
    <>
      <h2 className="mb-2 font-strong text-n12">{t('limits.title', { model: name })}</h2>
      {waiting && <Line waiting={waiting} />}
      {!hasThread ? (
        <p className="text-n10">{t('limits.begin')}</p>
      ) : view === 'failed' ? (
        <p className="text-danger">{t('limits.unknown')}</p>
      ) : view ? (
        <Pool pool={view.pool} />
      ) : (
        <p className="text-n10">{t('limits.loading')}</p>
      )}
    </>
  )
}

/** The turn in view waits: that it goes on waiting is what happens if one does nothing. */
function Line({ waiting: { position, readyAt } }: { readonly waiting: NonNullable<Turn['waiting']> }) {
  const t = useTranslate()
  const time = useTimeUntil(readyAt)
  const stop = useWorkbench((state) => state.stop)
  const mayStop = useWorkbench((state) => may(state, 'turn/interrupt'))
  const maySwitch = useWorkbench((state) => may(state, 'turn/switch'))
  return (
    <section className="mb-3 border-n6 border-b pb-3">
      <p className="mb-2 text-n12">{t('limits.waits', { position, time })}</p>
      <div className="flex gap-2">
        <Popover.Close asChild>
          <Button look="primary">{t('limits.wait')}</Button>
        </Popover.Close>
        {mayStop && (
          <Popover.Close asChild>
            <Button onClick={stop}>{t('limits.cancel')}</Button>
          </Popover.Close>
        )}
      </div>
      {maySwitch && <Others />}
    </section>
  )
}

function Others() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  // The same while the figures tick, so that none moves under the pointer.
  const models = useWorkbench((state) => state.models)
  const tiers = useWorkbench((state) => state.tiers)
  const view = useWorkbench((state) => state.poolView)
  const switchModel = useWorkbench((state) => state.switchModel)
  const others = otherModels({ ...store.getState(), models, tiers })
  const waits = view && view !== 'failed' ? view.others : []
  if (others.length === 0) return null
  return (
    <>
      <h3 className="mt-3 mb-1 text-n10">{t('limits.others')}</h3>
      <ul className="flex flex-col gap-0.5">
        {others.map(({ chosen, modelId }) => (
          <li key={chosen}>
            <Popover.Close asChild>
              <button
                type="button"
                onClick={() => switchModel(chosen)}
                className="hit flex w-full items-baseline justify-between gap-3 rounded-sm px-1.5 py-1 text-left text-n12 hover:bg-n4 pointer-coarse:py-3"
              >
                <OtherName chosen={chosen} modelId={modelId} />
                <OtherWait waitMs={waits.find((wait) => wait.modelId === modelId)?.waitMs ?? 0} />
              </button>
            </Popover.Close>
          </li>
        ))}
      </ul>
    </>
  )
}

function OtherName({ chosen, modelId }: { readonly chosen: string; readonly modelId: string }) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, modelId))
  const tier = tierNameOf(chosen)
  return <span className="truncate">{tier ? `${t(`tier.${tier}`)}: ${model}` : model}</span>
}

function OtherWait({ waitMs }: { readonly waitMs: number }) {
  const t = useTranslate()
  const time = useDuration()
  const seconds = Math.ceil(waitMs / 1000)
  return (
    <span className={cx('shrink-0', seconds > 0 ? 'text-attention' : 'text-added')}>
      {seconds > 0 ? t('limits.about', { time: time(seconds) }) : t('limits.now')}
    </span>
  )
}

function Pool({ pool }: { readonly pool: PoolView }) {
  const t = useTranslate()
  const language = useLanguage()
  const { bounds, running, waiting, timing, tokensPerSecond = 0, pool: name } = pool
  const told = (['provider', 'server'] as const).filter((from) => bounds.some((bound) => bound.from === from))
  return (
    <>
      {name !== undefined && <p className="mb-1 text-n10">{t('limits.pool', { name })}</p>}
      {bounds.length === 0 && <p className="text-n10">{t('limits.none')}</p>}
      {told.map((from) => (
        <section key={from} className="mb-2">
          <h3 className="mb-1 text-n10">{t(`limits.${from}`)}</h3>
          <ul className="flex flex-col gap-1.5">
            {bounds
              .filter((bound) => bound.from === from)
              .map((bound) => (
                <li key={`${bound.of} ${bound.what} ${bound.windowMs}`}>
                  <BoundLine bound={bound} />
                </li>
              ))}
          </ul>
        </section>
      ))}
      {bounds.length > 0 && <p className="text-n10">{t('limits.busy', { running, waiting })}</p>}
      {timing && (
        <p className="mt-1 text-n10">
          {t('limits.timing', { queue: formatMs(timing.queueMs), prompt: formatMs(timing.promptMs) })}
          {tokensPerSecond > 0 &&
            ` · ${t('limits.speed', { speed: formatCount(tokensPerSecond, language) })}`}
        </p>
      )}
      <Today modelId={pool.modelId} />
    </>
  )
}

function Today({ modelId }: { readonly modelId: string }) {
  const t = useTranslate()
  const language = useLanguage()
  const sum = useWorkbench((state) => state.usageToday.find((entry) => entry.modelId === modelId))
  if (!sum) return null
  const { calls, estimated, usage } = sum
  const figures = {
    calls,
    input: formatCount(usage.inputTokens, language),
    output: formatCount(usage.outputTokens, language),
  }
  return (
    <p className="mt-1 text-n10">
      {t('limits.today', figures)}
      {estimated > 0 && ` · ${t('limits.estimated', { count: estimated })}`}
    </p>
  )
}

function BoundLine({ bound }: { readonly bound: Bound }) {
  const t = useTranslate()
  const language = useLanguage()
  const { of, what, limit, left, windowMs, resetAt } = bound
  const name = useWindowed(what, windowMs)
  const share = limit ? left / limit : 1
  const shown = { left: formatCount(left, language), limit: formatCount(limit ?? 0, language) }
  const amount = t(
    what === 'percent' ? 'limits.percentLeft' : limit ? 'limits.left' : 'limits.leftOnly',
    shown,
  )
  return (
    <>
      <p className="flex justify-between gap-3">
        <span className="min-w-0 truncate text-n11">{of ? t(`limits.of.${of}`, { what: name }) : name}</span>
        <span
          className={cx(
            'shrink-0 whitespace-nowrap',
            share < 0.1 ? 'text-danger' : share < 0.3 ? 'text-attention' : 'text-n12',
          )}
        >
          {amount}
        </span>
      </p>
      {limit !== undefined && (
        <div aria-hidden className="mt-0.5 h-1 overflow-hidden rounded-full bg-n5">
          <div
            className={cx('h-full', share < 0.1 ? 'bg-danger' : share < 0.3 ? 'bg-attention' : 'bg-author-1')}
            style={{ width: `${Math.min(1, share) * 100}%` }}
          />
        </div>
      )}
      {resetAt !== undefined && <Reset bound={{ ...bound, resetAt }} />}
    </>
  )
}

/** What the bound is for, with its time. */
function useWindowed(what: Bound['what'], windowMs: number | undefined): string {
  const t = useTranslate()
  const name = t(`limits.${what}`)
  if (windowMs === undefined || what === 'calls') return name
  const minutes = Math.round(windowMs / 60_000)
  const perDays = minutes > 1440
  const key: MessageKey = perDays
    ? 'limits.perDays'
    : minutes >= 1440
      ? 'limits.perDay'
      : minutes >= 60
        ? 'limits.perHour'
        : 'limits.perMinute'
  return t(key, { what: name, days: Math.round(minutes / 1440) })
}

/** When there is more. This server's own bounds fill evenly, so that there is never nothing for long. */
function Reset({ bound }: { readonly bound: Bound & { readonly resetAt: number } }) {
  const t = useTranslate()
  const language = useLanguage()
  const { from, left, limit, resetAt } = bound
  const time = useTimeUntil(resetAt)
  const isSoon = resetAt - Date.now() < soonMs
  const words = () => {
    if (limit !== undefined && left >= limit) return t('limits.unused')
    if (left > 0 || from === 'server') return t('limits.refills', { time })
    return isSoon
      ? t('limits.emptyFor', { time })
      : t('limits.emptyUntil', { time: formatClock(resetAt, language) })
  }
  return <p className="text-n10">{words()}</p>
}
