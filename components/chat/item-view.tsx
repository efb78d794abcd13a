import { softAssertNever } from '../../core/lib/assert-never.ts'
import type { Item } from '../../core/protocol/item.ts'
import type { Turn } from '../../core/protocol/turn.ts'
import { Answer } from './answer.tsx'
import { FileCards } from './file-card.tsx'
import { LiveAnswer } from './live-answer.tsx'
import { PinButton } from './pin-button.tsx'
import { Reasoning } from './reasoning.tsx'
import { ToolCommand } from './tool-command.tsx'
import { ToolLine } from './tool-line.tsx'
import { UserMessage } from './user-message.tsx'

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
          {live ? <LiveAnswer text={item.text} /> : <Answer text={item.text} />}
          {item.status !== 'streaming' && <PinButton itemId={item.id} />}
        </div>
      )
    case 'reasoning':
      return <Reasoning item={item} />
    case 'toolCall':
      return item.name === 'run_command' ? <ToolCommand item={item} /> : <ToolLine item={item} />
    case 'fileChange':
      return <FileCards item={item} live={live} copied={turn.copied === true || turn.mode === 'background'} />
    case 'opaque':
    case 'context':
      return null
    default:
      softAssertNever(item)
      return null
  }
}
