import { ArrowUp, Check, ChevronDown, Columns2, Sparkles, Square, Undo2, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { InlineZone } from '../../client/editor/inline-zone.ts'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { type InlineField as Field, type InlineEdit, inlineEditOf } from '../../client/store/inline-field.ts'
import { currentModel } from '../../client/store/selectors.ts'
import type { WorkbenchState } from '../../client/store/store.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Menu, MenuChoice, MenuLabel } from '../ui/menu.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { InlineTakes } from './inline-takes.tsx'
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
  const stands = !writes && (edit.paths.length > 0 || field.busy === 'picking')
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
  const rival = useWorkbench(rivalOf)
  const compare = () => {
    if (!online || !rival || writes || stands) return
    history.reset()
    void store.getState().compareInline(path, zone.where(), rival.id)
    textarea.current?.focus()
  }
  const keep = () => void store.getState().keepInline(path)
  const pick = (index: number) => {
    void store.getState().pickInline(path, index)
    textarea.current?.focus()
  }
  const leave = () => {
    const { stopInline, undoInline } = store.getState()
    void (writes ? stopInline(path) : undoInline(path))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Keys of an input method belong to it; 229 is what some browsers say instead of `isComposing`.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      if (field.text.trim() !== '' && (event.ctrlKey || event.metaKey)) compare()
      else if (field.text.trim() !== '') send()
      else if (stands) keep()
    } else if (event.key === 'Tab' && !event.shiftKey && stands) {
      event.preventDefault()
      keep()
    } else if (field.text === '' && field.takes.length > 1 && /^[12]$/.test(event.key)) {
      event.preventDefault()
      pick(Number(event.key) - 1)
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
          <Doing
            edit={edit}
            field={field}
            online={online}
            send={send}
            compare={rival && compare}
            keep={keep}
            leave={leave}
          />
        </div>
        <InlineTakes field={field} onPick={pick} />
        <Standing edit={edit} field={field} path={path} modelId={thread?.modelId} />
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
  /** `undefined`: there is no other model. */
  readonly compare: (() => void) | undefined
  readonly keep: () => void
  readonly leave: () => void
}) {
  const { edit, field, online, send, compare, keep, leave } = props
  const t = useTranslate()
  const writes = edit.phase === 'writing'
  const stands = !writes && edit.paths.length > 0
  const words = field.text.trim() !== ''
  return (
    <span className="ml-auto flex shrink-0 items-center gap-1">
      {words && !writes && !stands && compare && (
        <IconButton label={t('inline.compare')} keys="Ctrl+Enter" disabled={!online} onClick={compare}>
          <Columns2 size={14} aria-hidden />
        </IconButton>
      )}
      {words && !field.busy && !field.comparing && (
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

/** The models that could be asked besides the current one. */
function rivalsOf(state: WorkbenchState): readonly ModelDescription[] {
  const current = currentModel(state)?.id
  return state.models.filter(({ id, status }) => id !== current && status === 'ready')
}

function rivalOf(state: WorkbenchState): ModelDescription | undefined {
  const rivals = rivalsOf(state)
  return rivals.find(({ id }) => id === state.inlineRival) ?? rivals[0]
}

function RivalPicker() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const rival = useWorkbench(rivalOf)
  if (!rival) return null
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`${t('inline.rival')}: ${rival.name}`}
          title={t('inline.rival')}
          className="hit flex max-w-40 shrink-0 items-center gap-0.5 rounded-sm transition-colors hover:text-n12"
        >
          <Columns2 size={11} aria-hidden className="mr-0.5 shrink-0" />
          <span className="truncate">{rival.name}</span>
          <ChevronDown size={11} aria-hidden className="shrink-0" />
        </button>
      }
    >
      <MenuLabel>{t('inline.rival')}</MenuLabel>
      <MenuChoice
        value={rival.id}
        options={rivalsOf(store.getState()).map(({ id, name }) => ({ value: id, label: name }))}
        onChoose={(inlineRival) => store.getState().setPreferences({ inlineRival })}
      />
    </Menu>
  )
}

/** How it stands, in words; on the right who writes. */
function Standing(props: {
  readonly edit: InlineEdit
  readonly field: Field
  readonly path: string
  /** Of the thread, once there is one. */
  readonly modelId: string | undefined
}) {
  const { edit, field, path, modelId } = props
  const t = useTranslate()
  const current = useWorkbench(currentModel)
  const writer = useWorkbench(({ models }) => models.find(({ id }) => id === modelId))
  // A first prompt goes to the current model, whatever its thread was begun with.
  const model = (edit.phase === 'asking' ? current : (writer ?? current))?.name
  const keys = keysOf(edit, field)
  const words = statusOf({ edit, field, path, t })
  return (
    <div className="flex items-start gap-3 border-n6 border-t px-3 py-1 text-n10 text-small">
      <div
        role="status"
        className={cx('max-h-25 min-w-0 flex-1 overflow-y-auto whitespace-pre-wrap', tones[edit.phase])}
      >
        {words}
        {words !== '' && keys && <span className="pointer-coarse:hidden"> · </span>}
        {keys && <span className="pointer-coarse:hidden">{t(keys)}</span>}
      </div>
      {model && <span className="max-w-40 shrink-0 truncate">{model}</span>}
      {edit.phase !== 'writing' && edit.paths.length === 0 && <RivalPicker />}
    </div>
  )
}

/** Which keys do something; who has none needs no word of them. */
function keysOf({ phase }: InlineEdit, { takes, comparing }: Field): MessageKey | undefined {
  if (phase === 'asking') return 'inline.hint'
  if (comparing) return 'inline.comparingKeys'
  if (phase === 'writing') return 'inline.writingKeys'
  if (phase !== 'written') return undefined
  return takes.length > 1 ? 'inline.pickKeys' : 'inline.writtenKeys'
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
      return ''
    case 'writing':
      if (edit.failure) return t(`failure.${edit.failure}`)
      return field.comparing
        ? t('inline.comparing', { number: field.takes.filter(({ phase }) => phase !== 'writing').length })
        : t('inline.writing')
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
