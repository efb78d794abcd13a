import { useState } from 'react'
import type { HandOffDraft, HandOffOptions } from '../../client/store/hand-off-slice.ts'
import { limits } from '../../core/protocol/limits.ts'
import { CheckField, Field, fieldClass } from '../ui/field.tsx'
import { formatCount } from '../workbench/format.ts'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useLanguage, useTranslate } from '../workbench/use-translate.ts'
import { CommandField, TaskForm } from './task-form.tsx'
import { readWhen, startNow, useComes, WhenField } from './when-field.tsx'

/** What a job shall do, and how: with a plan first, until something passes, within which budget. */
export function HandOffDialog() {
  const draft = useWorkbench((state) => state.handOffDraft)
  return draft ? <HandOffForm key={draft.task} draft={draft} /> : null
}

function HandOffForm({ draft }: { readonly draft: HandOffDraft }) {
  const t = useTranslate()
  const language = useLanguage()
  const store = useWorkbenchStore()
  const [task, setTask] = useState(draft.task)
  const [planFirst, setPlanFirst] = useState(false)
  const [goal, setGoal] = useState('')
  const [minutes, setMinutes] = useState('')
  const [dollars, setDollars] = useState('')
  const [requests, setRequests] = useState('')
  const [tokens, setTokens] = useState('')
  const [begin, setBegin] = useState(startNow)
  const [isSending, setSending] = useState(false)
  const when = readWhen(begin)
  const comes = useComes(begin)
  const isSound = when === undefined || typeof comes === 'number'
  const close = () => {
    store.getState().closeHandOff()
    if (draft.fromComposer) store.getState().giveBack(task, store.getState().threadId)
  }
  const handOff = async () => {
    const state = store.getState()
    const words = task.trim()
    if (!isSound) return
    const options = optionsOf({ planFirst, goal, minutes, dollars, requests, tokens })
    setSending(true)
    const arrived = when
      ? state.addSchedule({ task: words, when, ...options })
      : state.handOff(words, options)
    // What was refused is still there to be changed.
    if (await arrived) state.closeHandOff()
    else setSending(false)
  }
  return (
    <TaskForm
      title={t('jobs.handOffTitle')}
      task={task}
      onTask={setTask}
      submit={t(begin.kind === 'now' ? 'jobs.handOff' : 'schedule.add')}
      ready={!isSending && task.trim() !== '' && isSound}
      onSubmit={() => void handOff()}
      onClose={close}
    >
      <CheckField
        label={t('jobs.planFirst')}
        help={t('jobs.planFirstHelp')}
        checked={planFirst}
        onChange={setPlanFirst}
      />
      <CommandField label={t('jobs.goalField')} help={t('jobs.goalHelp')} value={goal} onChange={setGoal} />
      <div className="grid grid-cols-2 items-end gap-3">
        <Field label={t('jobs.minutesField')}>
          <NumberField
            value={minutes}
            onChange={setMinutes}
            placeholder={String(limits.jobMinutes)}
            step={1}
          />
        </Field>
        <Field label={t('jobs.costField')}>
          <NumberField value={dollars} onChange={setDollars} placeholder={t('jobs.noBound')} step={0.01} />
        </Field>
        <Field label={t('jobs.stepsField')}>
          <NumberField
            value={requests}
            onChange={setRequests}
            placeholder={String(limits.jobSteps)}
            step={1}
            max={limits.jobRequests}
          />
        </Field>
        <Field label={t('jobs.tokensField')}>
          <NumberField
            value={tokens}
            onChange={setTokens}
            placeholder={formatCount(limits.jobTokens, language)}
            step={1}
          />
        </Field>
      </div>
      <WhenField value={begin} comes={comes} onChange={setBegin} />
    </TaskForm>
  )
}

function NumberField(props: {
  readonly value: string
  readonly placeholder: string
  readonly step: number
  readonly max?: number
  readonly onChange: (value: string) => void
}) {
  return (
    <input
      type="number"
      inputMode="decimal"
      min={props.step}
      step={props.step}
      max={props.max}
      value={props.value}
      placeholder={props.placeholder}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      className={`${fieldClass} tabular`}
    />
  )
}

function optionsOf(given: {
  readonly planFirst: boolean
  readonly goal: string
  readonly minutes: string
  readonly dollars: string
  readonly requests: string
  readonly tokens: string
}): HandOffOptions {
  const goal = given.goal.trim()
  const minutes = Math.ceil(Number(given.minutes))
  const cost = Math.round(Number(given.dollars) * 1_000_000)
  const [steps, tokens] = [given.requests, given.tokens].map((written) => Math.ceil(Number(written)))
  const bounds = { minutes, cost, steps, tokens }
  const budget = Object.fromEntries(Object.entries(bounds).filter(([, bound = 0]) => bound > 0))
  return {
    ...(given.planFirst && { planFirst: true }),
    ...(goal !== '' && { goal }),
    ...(Object.keys(budget).length > 0 && { budget }),
  }
}
