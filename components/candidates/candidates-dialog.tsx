import { useState } from 'react'
import type { HandOffDraft } from '../../client/store/hand-off-slice.ts'
import { type Strategy, strategyNames } from '../../core/protocol/job.ts'
import { tierId } from '../../core/protocol/model.ts'
import { CommandField, TaskForm } from '../jobs/task-form.tsx'
import { Choice } from '../ui/choice.tsx'
import { CheckField } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const counts = [2, 3, 4] as const
/** What the next candidate does otherwise, until people say. */
const usual: readonly Strategy[] = ['plain', 'smallest', 'thorough', 'other']

interface Line {
  /** Left out: the one jobs are usually given. */
  readonly modelId: string | undefined
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
  const [lines, setLines] = useState<readonly Line[]>(
    usual.map((strategy) => ({ modelId: undefined, strategy })),
  )
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
        .map(({ modelId, strategy }) => ({ strategy, ...(modelId !== undefined && { modelId }) })),
      ...(command !== '' && { check: command }),
      judge,
    })
    if (!arrived) state.draftCandidates({ ...draft, task })
  }
  const change = (index: number, line: Line) =>
    setLines(lines.map((other, at) => (at === index ? line : other)))
  return (
    <TaskForm
      title={t('candidates.formTitle')}
      task={task}
      onTask={setTask}
      submit={t('candidates.start', { count })}
      ready={task.trim() !== ''}
      onSubmit={() => void start()}
      onClose={close}
    >
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
              <span className="tabular min-w-4 text-center">{value}</span>
            </Choice>
          ))}
        </div>
      </fieldset>
      <div>
        <div aria-hidden className="mb-1 grid grid-cols-[1rem_1fr_1fr] gap-2 text-n11">
          <span />
          <span>{t('candidates.model')}</span>
          <span>{t('candidates.strategy')}</span>
        </div>
        <ol className="flex flex-col gap-2">
          {lines.slice(0, count).map((line, index) => (
            <LineFields key={index} n={index + 1} line={line} onChange={(next) => change(index, next)} />
          ))}
        </ol>
      </div>
      <CommandField
        label={t('candidates.check')}
        help={t('candidates.checkHelp')}
        value={check}
        onChange={setCheck}
      />
      <CheckField
        label={t('candidates.judge')}
        help={t('candidates.judgeHelp')}
        checked={judge}
        onChange={setJudge}
      />
    </TaskForm>
  )
}

/** Stands for the model a job is usually given. */
const usualModel = 'usual'

function LineFields(props: {
  readonly n: number
  readonly line: Line
  readonly onChange: (line: Line) => void
}) {
  const { n, line, onChange } = props
  const t = useTranslate()
  const models = useWorkbench((state) => state.models)
  const tiers = useWorkbench((state) => state.tiers).filter(({ configured }) => configured)
  const name = t('candidates.nth', { n })
  return (
    <li className="grid grid-cols-[1rem_1fr_1fr] items-center gap-2">
      <span aria-hidden className="tabular text-n10">
        {n}
      </span>
      <Select<string>
        label={`${name}: ${t('candidates.model')}`}
        value={line.modelId ?? usualModel}
        groups={[
          { options: [{ value: usualModel, label: t('candidates.sameModel') }] },
          {
            title: t('tier.all'),
            options: tiers.map((tier) => ({ value: tierId(tier.name), label: t(`tier.${tier.name}`) })),
          },
          { title: t('model.all'), options: models.map((model) => ({ value: model.id, label: model.name })) },
        ]}
        onChoose={(value) => onChange({ ...line, modelId: value === usualModel ? undefined : value })}
      />
      <Select
        label={`${name}: ${t('candidates.strategy')}`}
        value={line.strategy}
        groups={[
          {
            options: strategyNames.map((value) => ({ value, label: t(`candidates.strategy.${value}`) })),
          },
        ]}
        onChoose={(strategy) => onChange({ ...line, strategy })}
      />
    </li>
  )
}
