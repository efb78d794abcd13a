import { ArrowUp, Check, Sparkles, Square, Undo2, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { InlineZone } from '../../client/editor/inline-zone.ts'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { type InlineField as Field, type InlineEdit, inlineEditOf } from '../../client/store/inline-field.ts'
import { currentModel } from '../../client/store/selectors.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { useInlineHistory } from './use-inline-history.ts'

/** The field of an edit in place, between the lines of the code. */
export function InlineField({ zone }: { readonly zone: InlineZone }) {
  const field = useWorkbench((state) => state.inlineFields[zone.path])
  return field ? <OpenField zone={zone} field={field} /> : null
}

function OpenField({ zone, field }: { readonly zone: InlineZone; readonly field: Field }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { path } = zone
  const thread = useWorkbench((state) => state.inlineThreads.find(({ id }) => id === field.threadId))
  const online = useWorkbench((state) => state.status === 'open')
  const edit = inlineEditOf(field, thread)
  const writes = edit.phase === 'writing'
  const stands = !writes && edit.paths.length > 0
  const textarea = useRef<HTMLTextAreaElement>(null)
  const focused = useRef(zone.isNew ? undefined : field.focus)
  const history = useInlineHistory(field.text, (text) => store.getState().writeInline(path, text))

  useEffect(() => {
    if (focused.current === field.focus) return
    focused.current = field.focus
    textarea.current?.focus()
    textarea.current?.select()
  }, [field.focus])

  const send = () => {
    if (!online) return
    history.reset()
    void store.getState().askInline(path, zone.where())
    textarea.current?.focus()
  }
  const keep = () => void store.getState().keepInline(path)
  const leave = () => {
    const { stopInline, undoInline } = store.getState()
    void (writes ? stopInline(path) : undoInline(path))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Keys of an input method belong to it; 229 is what some browsers say instead of `isComposing`.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      if (field.text.trim() !== '') send()
      else if (stands) keep()
    } else if (event.key === 'Tab' && !event.shiftKey && stands) {
      event.preventDefault()
      keep()
    } else history.onKeyDown(event)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <div
      role="group"
      aria-label={t('inline.label')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing || event.keyCode === 229) return
        event.preventDefault()
        event.stopPropagation()
        leave()
      }}
      className="py-1.5"
    >
      <div className="pop rounded-lg border border-n7 bg-n2 focus-within:border-accent">
        <div className="flex flex-wrap items-start gap-1.5 py-1 pr-1 pl-2.5">
          <Sparkles
            size={14}
            aria-hidden
            className={cx('mt-1.75 shrink-0', writes ? 'text-author-1' : 'text-n9')}
          />
          <textarea
            ref={textarea}
            aria-label={t('inline.label')}
            placeholder={t(placeholderOf(edit))}
            value={field.text}
            rows={1}
            spellCheck={false}
            onChange={(event) => {
              history.reset()
              store.getState().writeInline(path, event.currentTarget.value)
            }}
            onKeyDown={onKeyDown}
            className="field-sizing-content my-1 max-h-25 min-w-40 flex-1 resize-none bg-transparent px-1 text-n12 outline-none! placeholder:text-n10 max-sm:text-[16px]"
          />
          <Doing edit={edit} field={field} online={online} send={send} keep={keep} leave={leave} />
        </div>
        <Standing edit={edit} field={field} path={path} />
      </div>
    </div>
  )
}

function placeholderOf({ phase, paths }: InlineEdit): MessageKey {
  if (phase === 'writing') return 'inline.placeholderRunning'
  return paths.length > 0 ? 'inline.placeholderRefine' : 'inline.placeholder'
}

/** What can be done now, each with its key. */
function Doing(props: {
  readonly edit: InlineEdit
  readonly field: Field
  readonly online: boolean
  readonly send: () => void
  readonly keep: () => void
  readonly leave: () => void
}) {
  const { edit, field, online, send, keep, leave } = props
  const t = useTranslate()
  const writes = edit.phase === 'writing'
  const stands = !writes && edit.paths.length > 0
  const words = field.text.trim() !== ''
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1">
      {words && !field.busy && (
        <Button look="primary" disabled={!online} onClick={send}>
          <ArrowUp size={13} aria-hidden />
          {t(writes ? 'inline.redirect' : stands ? 'inline.refine' : 'inline.send')}
        </Button>
      )}
      {writes && (
        <Button onClick={leave} title="Esc">
          <Square size={11} fill="currentColor" aria-hidden />
          {t('inline.stop')}
        </Button>
      )}
      {stands && (
        <>
          <Button look={words ? 'plain' : 'primary'} onClick={keep} title="Tab">
            <Check size={13} aria-hidden />
            {t('inline.keep')}
          </Button>
          <Button onClick={leave} title="Esc">
            <Undo2 size={13} aria-hidden />
            {t('inline.undo')}
          </Button>
        </>
      )}
      {!writes && !stands && (
        <IconButton label={t('inline.close')} keys="Esc" onClick={leave}>
          <X size={14} aria-hidden />
        </IconButton>
      )}
    </span>
  )
}

const tones: Partial<Record<InlineEdit['phase'], string>> = {
  failed: 'text-danger',
  answered: 'text-attention',
}

/** How it stands, in words; on the right who writes. */
function Standing(props: { readonly edit: InlineEdit; readonly field: Field; readonly path: string }) {
  const { edit, field, path } = props
  const t = useTranslate()
  const model = useWorkbench((state) => currentModel(state)?.name)
  return (
    <div className="flex items-start gap-3 border-n6 border-t px-3 py-1 text-n10 text-small">
      <p
        role="status"
        className={cx('max-h-25 min-w-0 flex-1 overflow-y-auto whitespace-pre-wrap', tones[edit.phase])}
      >
        {statusOf({ edit, field, path, t })}
      </p>
      {model && <span className="max-w-40 shrink-0 truncate">{model}</span>}
    </div>
  )
}

function statusOf(options: {
  readonly edit: InlineEdit
  readonly field: Field
  readonly path: string
  readonly t: ReturnType<typeof useTranslate>
}): string {
  const { edit, field, path, t } = options
  switch (edit.phase) {
    case 'asking':
      return t('inline.hint')
    case 'writing':
      return edit.failure ? t(`failure.${edit.failure}`) : t('inline.writing')
    case 'written': {
      const { added, removed } = edit
      const others = edit.paths.filter((other) => other !== path)
      const done = t('inline.written', { added, removed, count: added + removed })
      return others.length > 0 ? `${done}. ${t('inline.elsewhere', { paths: others.join(', ') })}` : done
    }
    case 'answered':
      return edit.answer === '' ? t('inline.noEdit') : `${t('inline.answered')} ${edit.answer}`
    case 'failed': {
      if (field.refusal === 'noModel') return t('inline.noModel')
      const why = field.refusal
        ? t(`error.${field.refusal}`, { detail: field.asked })
        : t(`failure.${edit.failure ?? 'internal'}`)
      return `${why} ${t('inline.again')}`
    }
  }
}
