import * as Y from 'yjs'

/** Yjs looks at every update for every piece of text; in groups, thousands of small ones stay cheap. */
const group = 16

/** One update that says what all of them say, in any order they came. */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array([0, 0])] = updates
  if (updates.length <= 1) return first
  if (updates.length <= group) return Y.mergeUpdates([...updates])
  const merged: Uint8Array[] = []
  for (let at = 0; at < updates.length; at += group) merged.push(mergeUpdates(updates.slice(at, at + group)))
  return mergeUpdates(merged)
}
