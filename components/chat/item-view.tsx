import { ListOrdered, ScanSearch } from 'lucide-react'
import { modelName } from '../../client/store/selectors.ts'
import { softAssertNever } from '../../core/lib/assert-never.ts'
import type { Item } from '../../core/protocol/item.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { isOfPlan } from '../../core/state/plans.ts'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { FileCards } from './file-card.tsx'
import { LiveAnswer } from './live-answer.tsx'
import { MadeBy } from './made-by.tsx'
import { PinButton } from './pin-button.tsx'
import { Reasoning } from './reasoning.tsx'
import { ToolCommand } from './tool-command.tsx'
import { ToolLine } from './tool-line.tsx'
import { UserMessage } from './user-message.tsx'

/** Another model checked the turn and wrote this instead. */
function CorrectionHead({ by, reason }: { readonly by: string; readonly reason: string | undefined }) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, by))
  return <MadeBy Icon={ScanSearch}>{`${t('check.by', { model })}${reason ? `: ${reason}` : ''}`}</MadeBy>
}

/** The turn's own model will write by it. */
function PlanHead({ by }: { readonly by: string }) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, by))
  return <MadeBy Icon={ListOrdered}>{t('plan.by', { model })}</MadeBy>
}

/** What came before it is known to the model in a form of its own from here on. */
function CondensedNote({ by }: { readonly by: string }) {
  const t = useTranslate()
  const model = useWorkbench((state) => modelName(state, by))
  return <p className="border-n6 border-t pt-1 text-n10 text-small">{t('compact.byApi', { model })}</p>
}

/** Each kind of item has its renderer. `live`: its turn runs and one may turn it round. */
export function ItemView(props: { readonly item: Item; readonly turn: Turn; readonly live: boolean }) {
  const { item, turn, live } = props
  switch (item.type) {
    case 'userMessage':
      return <UserMessage item={item} turnId={turn.id} />
    case 'agentMessage':
      if (item.text === '') return null
      return (
        <div className="group relative">
          {turn.plan && isOfPlan(turn, item) && <PlanHead by={turn.plan.modelId} />}
          <LiveAnswer text={item.text} live={live} />
          {item.status !== 'streaming' && <PinButton itemId={item.id} />}
        </div>
      )
    case 'reasoning':
      return <Reasoning item={item} />
    case 'toolCall':
      return item.name === 'run_command' ? <ToolCommand item={item} /> : <ToolLine item={item} />
    case 'fileChange':
      return (
        <>
          {item.checkedBy !== undefined && <CorrectionHead by={item.checkedBy} reason={turn.check?.reason} />}
          <FileCards item={item} live={live} copied={turn.copied === true || turn.mode === 'background'} />
        </>
      )
    case 'opaque':
      return item.compacts ? <CondensedNote by={item.modelId} /> : null
    case 'context':
      return null
    default:
      softAssertNever(item)
      return null
  }
}
