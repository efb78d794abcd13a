import { ShieldQuestion } from 'lucide-react'
import { Fragment, useState } from 'react'
import type { MessageKey } from '../../client/i18n/messages.ts'
import { may } from '../../client/store/selectors.ts'
import { openApprovals } from '../../core/approval/approvals.ts'
import { visibleText } from '../../core/lib/visible-text.ts'
import type { Approval, ApprovalAnswer } from '../../core/protocol/approval.ts'
import type { ThreadId } from '../../core/protocol/ids.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

const noApprovals: readonly Approval[] = []

/** What the model asks leave for, above the message field, where it is seen on a phone too. A job's is in its head. */
export function ThreadApprovals() {
  const approvals = useWorkbench((state) => state.thread?.approvals ?? noApprovals)
  const threadId = useWorkbench((state) => (state.thread?.job === undefined ? state.thread?.id : undefined))
  const mine = useWorkbench((state) => !state.replay && may(state, 'approval/answer'))
  if (!mine || threadId === undefined) return null
  return openApprovals(approvals).map((approval) => (
    <ApprovalCard key={approval.id} approval={approval} threadId={threadId} className="mb-2" />
  ))
}

/** All that is to run, where, and what it may touch; and how far a yes to it reaches. */
export function ApprovalCard(props: {
  readonly approval: Approval
  readonly threadId: ThreadId
  readonly className?: string
}) {
  const { approval, threadId, className } = props
  const { command, folder, place, sandboxed, hosts, offered } = approval
  const reach = hosts.length === 0 ? (`approval.${place}` as const) : (`approval.${place}Hosts` as const)
  const t = useTranslate()
  const answerApproval = useWorkbench((state) => state.answerApproval)
  const [busy, setBusy] = useState(false)
  const answer = (given: ApprovalAnswer) => async () => {
    setBusy(true)
    await answerApproval(threadId, approval, given)
    setBusy(false)
  }
  return (
    <section
      aria-label={t('approval.title')}
      className={cx('rounded-lg border border-attention bg-n3 p-3', className)}
    >
      <p role="alert" className="flex items-center gap-2 text-n12">
        <ShieldQuestion size={15} aria-hidden className="shrink-0 text-attention" />
        {t('approval.question')}
      </p>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a place that scrolls must be reachable by keys
        tabIndex={0}
        className="mt-2 max-h-40 overflow-auto whitespace-pre-wrap wrap-anywhere rounded-md bg-n2 px-2.5 py-2 font-mono text-[12px] text-n12"
      >
        <Visible text={command} />
      </pre>
      <p className={cx('mt-2 wrap-anywhere text-small', sandboxed ? 'text-n10' : 'text-danger')}>
        {t(sandboxed ? reach : 'approval.unsafe', { folder, hosts: hosts.join(', ') })}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button look="primary" disabled={busy} onClick={answer('once')}>
          {t('approval.once')}
        </Button>
        {furtherAnswers[place]
          .filter((further) => offered.includes(further.answer))
          .map((further) => (
            <Tooltip key={further.answer} label={t(further.help)} side="top">
              <Button disabled={busy} onClick={answer(further.answer)}>
                {t(further.label)}
              </Button>
            </Tooltip>
          ))}
        <Button className="ml-auto" disabled={busy} onClick={answer('deny')}>
          {t('approval.deny')}
        </Button>
      </div>
    </section>
  )
}

interface FurtherAnswer {
  readonly answer: ApprovalAnswer
  readonly label: MessageKey
  readonly help: MessageKey
}

const furtherAnswers: Readonly<Record<Approval['place'], readonly FurtherAnswer[]>> = {
  workspace: [
    { answer: 'thread', label: 'approval.thread', help: 'approval.threadHelp' },
    { answer: 'always', label: 'approval.always', help: 'approval.alwaysHelp' },
  ],
  copy: [
    { answer: 'thread', label: 'approval.job', help: 'approval.jobHelp' },
    { answer: 'all', label: 'approval.all', help: 'approval.allHelp' },
    { answer: 'always', label: 'approval.always', help: 'approval.alwaysCopyHelp' },
  ],
}

/** Every character, those too that cannot be seen. */
function Visible({ text }: { readonly text: string }) {
  return visibleText(text).map(({ text: piece, mark }, index) =>
    mark === undefined ? (
      <Fragment key={index}>{piece}</Fragment>
    ) : (
      <mark key={index} className="rounded-sm bg-danger-soft px-0.5 text-danger">
        {mark}
      </mark>
    ),
  )
}
