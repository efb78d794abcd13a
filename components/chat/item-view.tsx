import { softAssertNever } from '../../core/lib/assert-never.ts'
import type { Item } from '../../core/protocol/item.ts'
import { Answer } from './answer.tsx'
import { FileCards } from './file-card.tsx'
import { Reasoning } from './reasoning.tsx'
import { ToolLine } from './tool-line.tsx'
import { UserMessage } from './user-message.tsx'

/** Each kind of item has its renderer. */
export function ItemView({ item }: { readonly item: Item }) {
  switch (item.type) {
    case 'userMessage':
      return <UserMessage item={item} />
    case 'agentMessage':
      return item.text === '' ? null : <Answer text={item.text} />
    case 'reasoning':
      return <Reasoning item={item} />
    case 'toolCall':
      return <ToolLine item={item} />
    case 'fileChange':
      return <FileCards item={item} />
    case 'opaque':
    case 'context':
      return null
    default:
      softAssertNever(item)
      return null
  }
}
