import type { Item } from '../protocol/item.ts'

/** The number of the next item of a turn: numbers that were given are not given again. */
export function afterItems(items: readonly Item[]): number {
  return items.reduce((most, { id }) => Math.max(most, Number(id.slice(id.indexOf('.') + 1)) + 1), 0)
}
