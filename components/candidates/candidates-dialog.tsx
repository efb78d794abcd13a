import { useState } from 'react'
import type { HandOffDraft } from '../../client/store/hand-off-slice.ts'
import { type Strategy, strategyNames } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { tierId } from '../../core/protocol/model.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const field =
  'w-full min-w-0 rounded-md border border-n7 bg-n3 px-2 py-1 text-n12 outline-none placeholder:text-n10 focus:border-accent max-sm:text-[16px]'
const counts = [2, 3, 4] as const
/** What the next candidate does otherwise, until people say. */
const usual: readonly Strategy[] = ['plain', 'smallest', 'thorough', 'other']

interface Line {
  readonly modelId: string
  readonly strategy: Strategy
}

/** The same task for several jobs. */
export function CandidatesDialog() {
  const draft = useWorkbench((state) => state.candidatesDraft)
  return draft ? <CandidatesForm key={draft.task} draft={draft} /> : null
}

function CandidatesForm({ draft }: { readonly draft: HandOffDraft }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const [task, setTask] = useState(draft.task)
  const [count, setCount] = useState<number>(2)
  const [lines, setLines] = useState<readonly Line[]>(usual.map((strategy) => ({ modelId: '', strategy })))
  const [check, setCheck] = useState('')
  const [judge, setJudge] = useState(false)
  const close = () => {
    store.getState().closeCandidatesDraft()
    if (draft.fromComposer) store.getState().giveBack(task, store.getState().threadId)
  }
  const start = async () => {
    const state = store.getState()
    const words = task.trim()
    if (words === '') return
    state.closeCandidatesDraft()
    const command = check.trim()
    const arrived = await state.startCandidates({
      task: words,
      candidates: lines
        .slice(0, count)
        .map(({ modelId, strategy }) => ({ strategy, ...(modelId !== '' && { modelId }) })),
      ...(command !== '' && { check: command }),
      judge,
    })
    if (!arrived) state.draftCandidates({ ...draft, task })
  }
  const change = (index: number, line: Line) =>
    setLines(lines.map((other, at) => (at === index ? line : other)))
  return (
    <DialogFrame
      title={t('candidates.formTitle')}
      closeLabel={t('keys.close')}
      onClose={close}
      className="top-[8vh] max-h-[84vh] w-140"
    >
      <form
        className="flex flex-col gap-3 pt-3"
        onSubmit={(event) => {
          event.preventDefault()
          void start()
        }}
      >
        <label className="block">
          <span className="mb-1 block text-n11">{t('jobs.task')}</span>
          <textarea
            value={task}
            rows={3}
            // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
            autoFocus
            maxLength={limits.promptChars}
            onChange={(event) => setTask(event.currentTarget.value)}
            className={`${field} field-sizing-content max-h-60 min-h-15 resize-none`}
          />
        </label>
        <fieldset>
          <legend className="mb-1 text-n11">{t('candidates.howMany')}</legend>
          <div className="flex gap-1.5">
            {counts.map((value) => (
              <Choice
                key={value}
                name="candidates-count"
                checked={count === value}
                onChoose={() => setCount(value)}
              >
                {value}
              </Choice>
            ))}
          </div>
        </fieldset>
        <ol className="flex flex-col gap-2">
          {lines.slice(0, count).map((line, index) => (
            <LineFields key={index} n={index + 1} line={line} onChange={(next) => change(index, next)} />
          ))}
        </ol>
        <label className="block">
          <span className="mb-1 block text-n11">{t('candidates.check')}</span>
          <input
            value={check}
            placeholder="npm test"
            maxLength={limits.commandChars}
            onChange={(event) => setCheck(event.currentTarget.value)}
            className={`${field} font-mono`}
          />
          <span className="mt-1 block text-n10 text-small">{t('candidates.checkHelp')}</span>
        </label>
        <label className="flex items-start gap-2 text-n12 pointer-coarse:min-h-11">
          <input
            type="checkbox"
            checked={judge}
            onChange={(event) => setJudge(event.currentTarget.checked)}
            className="mt-0.75 accent-(--accent)"
          />
          <span>
            {t('candidates.judge')}
            <span className="block text-n10 text-small">{t('candidates.judgeHelp')}</span>
          </span>
        </label>
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={close}>
            {t('jobs.cancel')}
          </Button>
          <Button type="submit" look="primary" disabled={task.trim() === ''}>
            {t('candidates.start', { count })}
          </Button>
        </div>
      </form>
    </DialogFrame>
  )
}

function LineFields(props: {
  readonly n: number
  readonly line: Line
  readonly onChange: (line: Line) => void
}) {
  const { n, line, onChange } = props
  const t = useTranslate()
  const models = useWorkbench((state) => state.models)
  const tiers = useWorkbench((state) => state.tiers)
  const name = t('candidates.nth', { n })
  return (
    <li className="grid grid-cols-[1.25rem_1fr_1fr] items-center gap-2">
      <span aria-hidden className="tabular text-n10">
        {n}
      </span>
      <select
        aria-label={`${name}: ${t('candidates.model')}`}
        value={line.modelId}
        onChange={(event) => onChange({ ...line, modelId: event.currentTarget.value })}
        className={`${field} h-7 py-0! pointer-coarse:h-11`}
      >
        <option value="">{t('candidates.sameModel')}</option>
        {tiers
          .filter(({ configured }) => configured)
          .map((tier) => (
            <option key={tier.name} value={tierId(tier.name)}>
              {t(`tier.${tier.name}`)}
            </option>
          ))}
        {models.map((model) => (
          <option key={model.id} value={model.id}>
            {model.name}
          </option>
        ))}
      </select>
      <select
        aria-label={`${name}: ${t('candidates.strategy')}`}
        value={line.strategy}
        onChange={(event) => {
          const strategy = strategyNames.find((known) => known === event.currentTarget.value)
          if (strategy) onChange({ ...line, strategy })
        }}
        className={`${field} h-7 py-0! pointer-coarse:h-11`}
      >
        {strategyNames.map((strategy) => (
          <option key={strategy} value={strategy}>
            {t(`candidates.strategy.${strategy}`)}
          </option>
        ))}
      </select>
    </li>
  )
}
