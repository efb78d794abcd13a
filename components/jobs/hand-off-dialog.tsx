import { type ReactNode, useState } from 'react'
import type { HandOffDraft, HandOffOptions } from '../../client/store/hand-off-slice.ts'
import { limits } from '../../core/protocol/limits.ts'
import { Button } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { readWhen, startNow, WhenField } from './when-field.tsx'

/** What a job shall do, and how: with a plan first, until something passes, within which budget. */
export function HandOffDialog() {
  const draft = useWorkbench((state) => state.handOffDraft)
  return draft ? <HandOffForm key={draft.task} draft={draft} /> : null
}

const fieldClass =
  'w-full rounded-md border border-n7 bg-n3 px-2 py-1 text-n12 outline-none placeholder:text-n10 focus:border-accent max-sm:text-[16px]'

function HandOffForm({ draft }: { readonly draft: HandOffDraft }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const [task, setTask] = useState(draft.task)
  const [planFirst, setPlanFirst] = useState(false)
  const [goal, setGoal] = useState('')
  const [minutes, setMinutes] = useState('')
  const [dollars, setDollars] = useState('')
  const [begin, setBegin] = useState(startNow)
  const when = readWhen(begin)
  const isReady = task.trim() !== '' && when !== 'incomplete'
  const close = () => {
    store.getState().closeHandOff()
    if (draft.fromComposer) store.getState().giveBack(task, store.getState().threadId)
  }
  const handOff = async () => {
    const state = store.getState()
    const words = task.trim()
    if (!isReady) return
    state.closeHandOff()
    const options = optionsOf({ planFirst, goal, minutes, dollars })
    const arrived = when
      ? state.addSchedule({ task: words, when, ...options })
      : state.handOff(words, options)
    if (!(await arrived)) state.draftHandOff({ ...draft, task })
  }
  return (
    <DialogFrame
      title={t('jobs.handOffTitle')}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[10vh] max-h-[80vh] w-130"
    >
      <form
        className="flex flex-col gap-3 pt-3"
        onSubmit={(event) => {
          event.preventDefault()
          void handOff()
        }}
      >
        <Field label={t('jobs.task')}>
          <textarea
            value={task}
            rows={3}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            maxLength={limits.promptChars}
            onChange={(event) => setTask(event.currentTarget.value)}
            className={`${fieldClass} field-sizing-content max-h-60 min-h-15 resize-none`}
          />
        </Field>
        <label className="flex items-start gap-2 text-n12 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={planFirst}
            onChange={(event) => setPlanFirst(event.currentTarget.checked)}
            className="mt-0.75 accent-(--accent)"
          />
          <span>
            {t('jobs.planFirst')}
            <span className="block text-n10 text-small">{t('jobs.planFirstHelp')}</span>
          </span>
        </label>
        <Field label={t('jobs.goalField')} help={t('jobs.goalHelp')}>
          <input
            value={goal}
            placeholder="npm test"
            maxLength={limits.commandChars}
            onChange={(event) => setGoal(event.currentTarget.value)}
            className={`${fieldClass} font-mono`}
          />
        </Field>
        <div className="grid grid-cols-2 gap-3">
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
        </div>
        <WhenField value={begin} onChange={setBegin} className={fieldClass} />
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={close}>
            {t('jobs.cancel')}
          </Button>
          <Button type="submit" look="primary" disabled={!isReady}>
            {t(begin.kind === 'now' ? 'jobs.handOff' : 'schedule.add')}
          </Button>
        </div>
      </form>
    </DialogFrame>
  )
}

function Field(props: { readonly label: string; readonly help?: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is given
    <label className="block">
      <span className="mb-1 block text-n11">{props.label}</span>
      {props.children}
      {props.help && <span className="mt-1 block text-n10 text-small">{props.help}</span>}
    </label>
  )
}

function NumberField(props: {
  readonly value: string
  readonly placeholder: string
  readonly step: number
  readonly onChange: (value: string) => void
}) {
  return (
    <input
      type="number"
      inputMode="decimal"
      min={props.step}
      step={props.step}
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
}): HandOffOptions {
  const goal = given.goal.trim()
  const minutes = Math.ceil(Number(given.minutes))
  const cost = Math.round(Number(given.dollars) * 1_000_000)
  const budget = { ...(minutes > 0 && { minutes }), ...(cost > 0 && { cost }) }
  return {
    ...(given.planFirst && { planFirst: true }),
    ...(goal !== '' && { goal }),
    ...(Object.keys(budget).length > 0 && { budget }),
  }
}
