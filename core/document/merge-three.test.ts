import { expect, test } from 'vitest'
import { seededRandom } from '../lib/random.ts'
import { createEditStream } from '../patch/edit-stream.ts'
import { MemoryTarget } from '../patch/memory-target.ts'
import { mergeThree, patchOf } from './merge-three.ts'

const text = (...lines: readonly string[]) => `${lines.join('\n')}\n`

test('[JOB-20] changes of both sides that do not touch come together', () => {
  const base = text('a', 'b', 'c', 'd', 'e', 'f')
  const merge = mergeThree(base, text('a', 'B', 'c', 'd', 'e', 'f'), text('a', 'b', 'c', 'd', 'E', 'E2', 'f'))
  expect(merge).toEqual({ edits: [{ from: 4, to: 5, lines: ['E', 'E2'] }], conflicts: [] })
})

test('[JOB-20] the place of a change moves with what people wrote above it', () => {
  const merge = mergeThree(text('a', 'b', 'c'), text('new', 'newer', 'a', 'b', 'c'), text('a', 'b', 'C'))
  expect(merge.edits).toEqual([{ from: 4, to: 5, lines: ['C'] }])
})

test('[JOB-21] changes that touch are a conflict that shows all three, the same change is none', () => {
  const base = text('a', 'b', 'c', 'd')
  expect(mergeThree(base, text('a', 'mine', 'c', 'd'), text('a', 'theirs', 'c', 'd'))).toEqual({
    edits: [],
    conflicts: [{ from: 1, to: 2, lines: ['theirs'], base: ['b'], ours: ['mine'] }],
  })
  expect(mergeThree(base, text('a', 'same', 'c', 'd'), text('a', 'same', 'c', 'd'))).toEqual({
    edits: [],
    conflicts: [],
  })
  const beside = mergeThree(base, text('a', 'b', 'c', 'x', 'd'), text('a', 'b', 'C', 'd'))
  expect(beside.conflicts).toEqual([{ from: 2, to: 4, lines: ['C'], base: ['c'], ours: ['c', 'x'] }])
})

/** The patch as an edit would make it. */
function patched(path: string, before: string, patch: string): string {
  const target = new MemoryTarget(before)
  let id = 0
  const hunks = createEditStream({ format: 'applyPatch', nextHunkId: () => `h${++id}` })
  hunks.push(patch)
  hunks.provide(path, { target })
  hunks.finish()
  expect(hunks.outcome(), JSON.stringify([before, patch])).toMatchObject({ ok: true })
  return target.text()
}

function applied(ours: string, edits: ReturnType<typeof mergeThree>['edits']): string {
  const lines = ours.split('\n').slice(0, -1)
  for (const { from, to, lines: added } of edits.toReversed()) lines.splice(from, to - from, ...added)
  return lines.map((line) => `${line}\n`).join('')
}

test('[JOB-22] whatever both sides did, no line people wrote is lost and what is not brought in is a conflict', () => {
  for (let seed = 1; seed <= 1000; seed++) {
    const random = seededRandom(seed)
    const pick = (bound: number) => Math.floor(random.next() * bound)
    const base = Array.from({ length: pick(12) }, () => `line ${pick(6)}`)
    const change = (mark: string) => {
      const lines = [...base]
      for (let n = pick(4); n > 0; n--) {
        const added = Array.from({ length: pick(3) }, (_, index) => `${mark} ${n}.${index}`)
        lines.splice(pick(lines.length + 1), pick(3), ...added)
      }
      return lines.map((line) => `${line}\n`).join('')
    }
    const ours = change('ours')
    const theirs = change('theirs')
    const { edits, conflicts } = mergeThree(base.map((line) => `${line}\n`).join(''), ours, theirs)
    const merged = applied(ours, edits)
    const written = merged.split('\n')
    const shown = conflicts.flatMap(({ lines }) => lines)
    for (const line of ours.split('\n'))
      if (line.startsWith('ours')) expect(written, `${seed}`).toContain(line)
    for (const line of theirs.split('\n')) {
      if (line.startsWith('theirs')) expect([...written, ...shown], `${seed}`).toContain(line)
    }
    if (edits.length > 0)
      expect(patched('a.txt', ours, patchOf('a.txt', ours, edits)), `${seed}`).toBe(merged)
  }
})
