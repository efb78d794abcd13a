import { useEffect, useId, useState } from 'react'
import { type GuestRole, guestRoleSchema, type ShareLink } from '../../core/protocol/share.ts'
import { Button } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { Select } from '../ui/select.tsx'
import { formatMoment } from '../workbench/format.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'

const hour = 3600 * 1000
const spans = { hour, day: 24 * hour, week: 7 * 24 * hour, never: undefined } as const
type Span = keyof typeof spans
const spanNames = Object.keys(spans) as readonly Span[]

/** Makes links to the thread, lists those that work, and ends them. */
export function ShareDialog() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const open = useWorkbench((state) => state.sharing !== undefined)
  const people = useWorkbench((state) => state.people)
  // Who comes and goes changes how many are here by each link.
  useEffect(() => {
    if (open && people) store.getState().refreshLinks()
  }, [store, open, people])
  if (!open) return null
  return (
    <DialogFrame
      title={t('share.title')}
      closeLabel={t('share.close')}
      onClose={() => store.getState().closeSharing()}
      className="top-[8vh] max-h-[84vh] w-120"
    >
      <LinkForm />
      <MadeLink />
      <Links />
      <Files />
    </DialogFrame>
  )
}

function LinkForm() {
  const t = useTranslate()
  const make = useWorkbench((state) => state.makeLink)
  const [role, setRole] = useState<GuestRole>('view')
  const [span, setSpan] = useState<Span>('day')
  const [busy, setBusy] = useState(false)
  const name = useId()
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault()
        setBusy(true)
        await make({ role, expiresInMs: spans[span] })
        setBusy(false)
      }}
    >
      <fieldset className="pt-3">
        <legend className="font-strong text-n12">{t('share.may')}</legend>
        {guestRoleSchema.options.map((value) => (
          <label key={value} className="flex gap-2.5 rounded-md px-1 py-1.5 hover:bg-n4">
            <input
              type="radio"
              name={name}
              aria-label={t(`share.role.${value}`)}
              aria-describedby={`${name}-${value}`}
              checked={role === value}
              onChange={() => setRole(value)}
              className="mt-1 accent-accent"
            />
            <span className="min-w-0">
              <span className="block text-n12">{t(`share.role.${value}`)}</span>
              <span id={`${name}-${value}`} className="block text-n10 text-small">
                {t(`share.role.${value}Help`)}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <span aria-hidden className="text-n11">
          {t('share.ends')}
        </span>
        <Select
          label={t('share.ends')}
          value={span}
          groups={[{ options: spanNames.map((value) => ({ value, label: t(`share.after.${value}`) })) }]}
          onChoose={setSpan}
          className="w-36!"
        />
        <span className="flex-1" />
        <Button type="submit" look="primary" disabled={busy}>
          {t('share.create')}
        </Button>
      </div>
    </form>
  )
}

function MadeLink() {
  const t = useTranslate()
  const token = useWorkbench((state) => state.madeToken)
  const [copied, setCopied] = useState<string>()
  if (token === undefined) return null
  const url = `${window.location.origin}/join#${token}`
  const copy = () =>
    navigator.clipboard?.writeText(url).then(
      () => setCopied(token),
      // Without leave to use the clipboard the link stands there to be selected.
      () => setCopied(undefined),
    )
  return (
    <div role="status" className="mt-3 rounded-md border border-n6 bg-n3 p-2">
      <div className="flex gap-2">
        <input
          readOnly
          aria-label={t('share.url')}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          className="h-7 min-w-0 flex-1 rounded-sm border border-n7 bg-n1 px-2 font-mono text-n12 text-small outline-none focus:border-accent pointer-coarse:h-11"
        />
        <Button onClick={copy}>{t(copied === token ? 'share.copied' : 'share.copy')}</Button>
      </div>
      <p className="mt-1 text-n10 text-small">{t('share.made')}</p>
    </div>
  )
}

function Links() {
  const t = useTranslate()
  const links = useWorkbench((state) => state.shareLinks)
  return (
    <section aria-label={t('share.links')} className="mt-4 min-h-16">
      <h3 className="font-strong text-n12">{t('share.links')}</h3>
      {links?.length === 0 && <p className="text-n10">{t('share.none')}</p>}
      <ul>
        {links?.map((link) => (
          <LinkRow key={link.id} link={link} />
        ))}
      </ul>
    </section>
  )
}

function LinkRow({ link }: { readonly link: ShareLink }) {
  const t = useTranslate()
  const language = useLanguage()
  const end = useWorkbench((state) => state.endLink)
  const { id, role, createdAt, expiresAt, guests } = link
  return (
    <li className="flex items-center gap-3 border-n6 border-b py-1 last:border-0">
      <span className="min-w-0 flex-1">
        <span className="text-n12">{t(`share.role.${role}`)}</span>{' '}
        <span className="text-n10 text-small">
          {expiresAt === undefined
            ? t('share.forever')
            : t('share.until', { at: formatMoment(expiresAt, language) })}
        </span>
      </span>
      <span className="tabular shrink-0 text-n10 text-small">{t('share.guests', { count: guests })}</span>
      <Button
        look="quiet"
        aria-label={t('share.revokeOf', {
          role: t(`share.role.${role}`),
          at: formatMoment(createdAt, language),
        })}
        onClick={() => void end(id)}
      >
        {t('share.revoke')}
      </Button>
    </li>
  )
}

/** Exactly what a guest can open. */
function Files() {
  const t = useTranslate()
  const files = useWorkbench((state) => state.sharedFiles)
  const loaded = useWorkbench((state) => state.shareLinks !== undefined)
  if (!loaded) return null
  if (files.length === 0) return <p className="mt-3 text-n10 text-small">{t('share.noFiles')}</p>
  return (
    <details className="mt-3 text-n10 text-small">
      <summary className="cursor-default hover:text-n12">{t('share.files', { count: files.length })}</summary>
      <ul className="mt-1 max-h-40 overflow-y-auto font-mono">
        {files.map((path) => (
          <li key={path} className="truncate" title={path}>
            {path}
          </li>
        ))}
      </ul>
    </details>
  )
}
