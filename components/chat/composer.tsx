import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { pastesOf } from '../../client/store/context-slice.ts'
import type { DraftPlace } from '../../client/store/drafts-slice.ts'
import type { HandOffOptions } from '../../client/store/hand-off-slice.ts'
import { jobInView, waitsToBegin } from '../../client/store/jobs-slice.ts'
import {
  currentMode,
  currentModel,
  howToSend,
  isPaused,
  may,
  runningTurn,
} from '../../client/store/selectors.ts'
import { runSlash } from '../../client/store/slash-commands.ts'
import type { WorkbenchState } from '../../client/store/store.ts'
import { isSaid } from '../../core/state/steers.ts'
import { ContextFact } from '../workbench/context-fact.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useMediaQuery } from '../workbench/use-media-query.ts'
import { useTranslate } from '../workbench/use-translate.ts'
import { ThreadApprovals } from './approval-card.tsx'
import { Attachments } from './attachments.tsx'
import { ContextChip } from './context-chip.tsx'
import { FromChip } from './from-chip.tsx'
import { HandOffButton } from './hand-off-button.tsx'
import { keepLongPaste } from './long-paste.ts'
import { ModePicker } from './mode-picker.tsx'
import { ModelPicker } from './model-picker.tsx'
import { PromptQueue } from './prompt-queue.tsx'
import { SendButton } from './send-button.tsx'
import { TurnControls } from './turn-controls.tsx'
import { useCarriedFocus } from './use-carried-focus.ts'
import { useCompletion } from './use-completion.tsx'

/** After so long without a change the server is told that a prompt is likely to come. */
const warmAfterMs = 300

/** One message field per thread: leaving a thread leaves its draft with it. */
export function Composer() {
  const workspaceId = useWorkbench((state) => state.workspaceId)
  const threadId = useWorkbench((state) => state.threadId)
  const steers = useWorkbench((state) => may(state, 'turn/start'))
  const place = useMemo(() => ({ workspaceId, threadId }), [workspaceId, threadId])
  return steers ? <MessageForm key={`${workspaceId}/${threadId}`} place={place} /> : <Watching />
}

function MessageForm({ place }: { readonly place: DraftPlace }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const field = useRef<HTMLTextAreaElement>(null)
  const phone = useMediaQuery('(max-width: 640px)')
  const [text, setText] = useState(() => store.getState().readDraft(place))
  const [withoutContext, setWithoutContext] = useState<string>()
  const [refusedImage, setRefusedImage] = useState(false)
  const placeholder = useWorkbench(placeholderOf)
  const online = useWorkbench((state) => state.status === 'open')
  // Until the thread is known, words would land in the wrong draft; it is a matter of milliseconds.
  const ready = useWorkbench((state) => state.workspaceLoaded)
  const focusAsked = useWorkbench((state) => state.composerFocusAsked)
  const replaying = useWorkbench((state) => state.replay !== undefined)
  const modelName = useWorkbench((state) => currentModel(state)?.name ?? '')

  useEffect(() => {
    if (!focusAsked || !ready || replaying) return
    field.current?.focus()
    store.getState().noteComposerFocus(true)
  }, [focusAsked, ready, replaying, store])
  useCarriedFocus(field)

  const warmUp = useRef((_: string) => {})
  warmUp.current = (draft) => {
    const state = store.getState()
    state.warm({ text: draft, withContext: withoutContext !== state.activePath })
  }
  useEffect(() => {
    if (text === '') return
    // Each change puts it off; nothing of what is written leaves the page.
    const timer = setTimeout(() => warmUp.current(text), warmAfterMs)
    return () => clearTimeout(timer)
  }, [text])

  const write = (next: string) => {
    setText(next)
    store.getState().writeDraft(place, next)
  }
  const completion = useCompletion({ field, text, write })

  /** `other`: not what the button says, but the opposite. */
  const submit = async (pressedAt: number, other = false) => {
    const words = text.trim()
    const state = store.getState()
    if (state.status !== 'open') return
    if (words === '') {
      if (isPaused(state)) state.unpause()
      return
    }
    const command = runSlash(state, words)
    if (command !== 'none') {
      if (command === 'done') write('')
      else state.notify({ tone: 'danger', key: command })
      return
    }
    const pastes = pastesOf(state).map(({ id }) => id)
    write('')
    setRefusedImage(false)
    const arrived = await state.send(words, {
      withContext: withoutContext !== state.activePath,
      how: howToSend(state, other),
      pressedAt,
    })
    if (arrived) {
      state.removePastes(pastes)
      return
    }
    // A first prompt begins a thread, which may be there although the prompt did not arrive.
    state.giveBack(words, place.threadId ?? store.getState().threadId)
  }

  const handOff = async (options: HandOffOptions = {}) => {
    const state = store.getState()
    const words = text.trim()
    if (state.status !== 'open') return
    if (words === '') {
      if (runningTurn(state)) await state.handOffRest((prompt) => t('jobs.goOn', { prompt }))
      else state.notify({ tone: 'info', key: 'jobs.nothing' })
      return
    }
    write('')
    if (!(await state.handOff(words, options)))
      state.giveBack(words, place.threadId ?? store.getState().threadId)
  }
  const handOffNow = useRef(handOff)
  handOffNow.current = handOff
  const handOffAsked = useWorkbench((state) => state.handOffAsked)
  const handOffSeen = useRef(handOffAsked)
  useEffect(() => {
    if (handOffAsked === handOffSeen.current) return
    handOffSeen.current = handOffAsked
    void handOffNow.current()
  }, [handOffAsked])

  const givenBack = useWorkbench((state) => state.givenBack)
  useEffect(() => {
    if (givenBack.length === 0) return
    const words = store.getState().takeGivenBack().join('\n')
    if (words === '') return
    // What did not arrive comes back, before whatever was typed meanwhile.
    setText((typed) => {
      const restored = typed === '' ? words : `${words}\n${typed}`
      store.getState().writeDraft(place, restored)
      return restored
    })
  }, [givenBack, place, store])

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Keys of an input method belong to it; 229 is what some browsers say instead of `isComposing`.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (completion.onKeyDown(event)) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      submit(event.timeStamp, event.ctrlKey || event.metaKey)
    } else if (event.key === 'Tab' && event.shiftKey) {
      event.preventDefault()
      const state = store.getState()
      if (!may(state, 'thread/configure') || state.thread?.job !== undefined) return
      state.configure({ mode: currentMode(state) === 'live' ? 'plan' : 'live' })
    } else if (event.key === 'ArrowUp' && text === '') {
      const last = lastPrompt(store.getState().thread)
      if (last === undefined) return
      event.preventDefault()
      write(last)
    }
  }

  const refuseImages = (event: ClipboardEvent | DragEvent, data: DataTransfer | null) => {
    if (![...(data?.files ?? [])].some((file) => file.type.startsWith('image/'))) return
    event.preventDefault()
    setRefusedImage(true)
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit(event.timeStamp)
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => refuseImages(event, event.dataTransfer)}
      className="shrink-0 px-3 pt-1 pb-3"
    >
      {refusedImage && (
        <p role="alert" className="mb-2 rounded-md bg-attention-soft px-3 py-2 text-attention">
          {t('composer.textOnly', { model: modelName || t('model.none') })}
        </p>
      )}
      <ThreadApprovals />
      <PromptQueue />
      <div className="relative rounded-lg border border-n7 bg-n3 transition-colors focus-within:border-accent">
        {completion.list}
        <FromChip />
        <Attachments text={text} without={withoutContext}>
          <ContextChip without={withoutContext} onRemove={setWithoutContext} />
        </Attachments>
        <textarea
          ref={field}
          aria-label={t('composer.label')}
          placeholder={t(replaying ? 'replay.composer' : placeholder)}
          // The draft waits, so that the reason is seen.
          value={replaying ? '' : text}
          rows={1}
          disabled={!ready || replaying}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          {...completion.fieldProps}
          onFocus={() => {
            store.getState().noteComposerFocus(true)
            warmUp.current(text)
          }}
          onBlur={() => store.getState().noteComposerFocus(false)}
          onPaste={(event) => {
            if (!keepLongPaste(event, store.getState().addPaste)) refuseImages(event, event.clipboardData)
          }}
          className="field-sizing-content block max-h-60 min-h-15 w-full resize-none max-sm:min-h-11 bg-transparent px-3 py-2 text-n12 outline-none placeholder:text-n10 max-sm:text-[16px]"
        />
        <div className="@container px-1.5 pb-1.5">
          <div className="flex items-center gap-1 @max-[20rem]:flex-wrap max-sm:flex-wrap">
            {/* Where both do not fit in one row they never share one, so that nothing moves when a turn begins. */}
            <span className="flex min-w-0 flex-1 items-center gap-1 @max-[20rem]:basis-full max-sm:basis-full">
              <IfMay action="thread/configure">
                <ModePicker />
                <ModelPicker />
              </IfMay>
              {phone && (
                <span className="tabular ml-auto text-n10 text-small">
                  <ContextFact brief />
                </span>
              )}
            </span>
            <HandOffButton
              onHandOff={handOff}
              onMore={() => {
                store.getState().draftHandOff({ task: text.trim(), fromComposer: true })
                write('')
              }}
              onCandidates={() => {
                store.getState().draftCandidates({ task: text.trim(), fromComposer: true })
                write('')
              }}
            />
            <span className="flex-1 sm:@min-[20rem]:hidden" />
            <TurnControls />
            <SendButton disabled={text.trim() === '' || !online || replaying} />
          </div>
        </div>
      </div>
      <Offline />
    </form>
  )
}

/** Instead of a message field, for a guest who may not prompt. */
function Watching() {
  const t = useTranslate()
  const name = useWorkbench((state) => state.guest?.sharedBy ?? '')
  return <p className="shrink-0 border-n6 border-t px-4 py-3 text-n10">{t('guest.watching', { name })}</p>
}

/** What the field is for right now. */
function placeholderOf(state: WorkbenchState) {
  if (!runningTurn(state)) {
    if (!jobInView(state)) return 'composer.placeholder'
    return waitsToBegin(state) ? 'steer.placeholder' : 'jobs.placeholder'
  }
  if (isPaused(state)) return 'pause.placeholder'
  return placeholders[howToSend(state, false)]
}

const placeholders = {
  redirect: 'composer.placeholderRunning',
  steer: 'steer.placeholder',
  queue: 'queue.placeholder',
} as const

/** Said only when it matters: before the first connection there is nothing to say. */
function Offline() {
  const t = useTranslate()
  const offline = useWorkbench((state) => state.status === 'reconnecting' || state.status === 'closed')
  if (!offline) return null
  return (
    <p role="status" className="mt-1.5 text-attention text-small">
      {t('composer.offline')}
    </p>
  )
}

type Thread = ReturnType<ReturnType<typeof useWorkbenchStore>['getState']>['thread']

function lastPrompt(thread: Thread): string | undefined {
  for (const turn of (thread?.turns ?? []).toReversed()) {
    const said = turn.items.findLast(isSaid)
    if (said) return said.text
  }
  return undefined
}
