import type { Item } from '../protocol/item.ts'

/** Text of an item under way that deltas bring; `''`: nothing of it is. */
export function growingText(item: Item): string {
  if (item.type === 'toolCall') return item.status === 'running' ? item.output : ''
  if (item.type !== 'agentMessage' && item.type !== 'reasoning') return ''
  return item.status === 'streaming' ? item.text : ''
}
