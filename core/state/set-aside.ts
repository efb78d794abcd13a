import type { FileEdit, Hunk, Item } from '../protocol/item.ts'
import type { Turn } from '../protocol/turn.ts'
import { isSaid } from './steers.ts'

/** What the turn writes is to stay out of the files until it is picked. */
export function asksAside({ items }: Turn): boolean {
  return items.some((item) => isSaid(item) && item.context?.aside === true)
}

/** It has not been picked yet: none of it was ever in a file. */
export function isSetAside(turn: Turn): boolean {
  const isIn = turn.items.some(
    (item) =>
      item.type === 'fileChange' &&
      item.files.some(({ hunks }) => hunks.some(({ status }) => status === 'written' || status === 'undone')),
  )
  return asksAside(turn) && !isIn
}

/** Hunks of a file that it came to the end of: what was taken back has no text. */
export function finishedAside({ status, hunks }: FileEdit): readonly Hunk[] {
  return status === 'written' ? hunks.filter(({ text }) => text !== undefined) : []
}

/** Its edits that would change something, in the order they were written; of one that broke off what it had finished. */
export function editsAside(turn: Turn): readonly Extract<Item, { type: 'fileChange' }>[] {
  return turn.items.flatMap((item) => {
    const isKept = item.type === 'fileChange' && item.files.some(({ status }) => status === 'written')
    // Of one that a crash cut off nobody knows what came.
    return isKept && item.input !== '' ? [item] : []
  })
}

/** What it would write in a file, as far as it has come; `undefined` when that is nothing. */
export function textSetAside(turn: Turn, path: string): string | undefined {
  const hunks = turn.items.flatMap((item) =>
    item.type === 'fileChange'
      ? item.files.flatMap((file) => (file.path === path && file.status !== 'failed' ? file.hunks : []))
      : [],
  )
  const texts = hunks.flatMap(({ text }) => (text === undefined ? [] : [text.replace(/\n$/, '')]))
  return texts.length === 0 ? undefined : texts.join('\n')
}
