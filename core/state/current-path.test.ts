import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWithin, movedPath } from '../lib/moved-path.ts'
import {
  hunkIdSchema,
  itemIdSchema,
  threadIdSchema,
  turnIdSchema,
  workspaceIdSchema,
} from '../protocol/ids.ts'
import type { FileEdit } from '../protocol/item.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { FileSteps } from './file-steps.ts'
import { sharedPaths } from './guest-view.ts'
import { hunksToReview } from './review.ts'
import { reduceThread } from './thread-reducer.ts'

/** A thread beside the files it writes in, each with a number of its own however often it moves. */
class Story {
  state: ThreadState | undefined
  readonly files = new Map<string, number>()
  /** Which file each hunk was written in. */
  readonly written = new Map<string, number>()
  #now = 1
  #made = 0

  constructor() {
    this.#give({
      type: 'thread/created',
      id: threadIdSchema.parse('thr_1'),
      workspaceId: workspaceIdSchema.parse('wsp_1'),
      title: '',
      modelId: 'm',
      mode: 'live',
      at: 0,
    })
  }

  write(path: string): void {
    const isNew = !this.files.has(path)
    if (isNew) this.files.set(path, ++this.#made)
    const turnId = turnIdSchema.parse(`trn_${this.#now}`)
    const itemId = itemIdSchema.parse(`${turnId}.1`)
    const id = hunkIdSchema.parse(`${itemId}.1`)
    this.written.set(id, this.files.get(path) ?? 0)
    const hunk = { id, path, startLine: 1, addedLines: 1, removedLines: 0, removedText: '' }
    const file = (status: 'writing' | 'written'): FileEdit => ({
      path,
      kind: isNew ? 'add' : 'update',
      status,
      hunks: [{ ...hunk, status }],
    })
    const at = this.#now++
    this.#give({ type: 'turn/started', turnId, modelId: 'm', mode: 'live', at })
    const item = { type: 'fileChange' as const, id: itemId, request: 0, status: 'running' as const }
    const rest = { callId: 'c', format: 'freeform' as const, input: '', output: '', files: [file('writing')] }
    this.#give({ type: 'item/started', turnId, item: { ...item, ...rest } })
    this.#give({ type: 'edit/fileChanged', turnId, itemId, file: file('written') })
    this.#give({ type: 'turn/settled', turnId, status: 'completed', at: this.#now++ })
  }

  move(from: string, to: string): void {
    const moved = [...this.files].map(([path, file]) => [movedPath(path, { from, to }), file] as const)
    this.files.clear()
    for (const [path, file] of moved) this.files.set(path, file)
    this.#give({ type: 'thread/fileMoved', from, to, at: this.#now++ })
  }

  places(): Record<string, string> {
    const { state } = this
    return Object.fromEntries(state ? hunksToReview(state).map(({ hunk, path }) => [hunk.id, path]) : [])
  }

  #give(event: ThreadEvent): void {
    this.state = reduceThread(this.state, event)
  }
}

const names = ['a', 'b', 'd/a', 'd/b', 'd/e/a', 'f']
const folders = ['d', 'd/e', 'g']

test('[MOVE-1] what was written in a file is where the file is, wherever it and its folders were moved', () => {
  const step = fc.oneof(
    fc.record({ write: fc.constantFrom(...names) }),
    fc.record({ from: fc.constantFrom(...names, ...folders), to: fc.constantFrom(...names, ...folders) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const story = new Story()
      const isTaken = (place: string) =>
        [...story.files.keys()].some((path) => isWithin(path, place) || isWithin(place, path))
      for (const each of steps) {
        if ('write' in each) story.write(each.write)
        else if (isTaken(each.from) && !isTaken(each.to) && !isWithin(each.to, each.from))
          story.move(each.from, each.to)
      }
      const where = new Map([...story.files].map(([path, file]) => [file, path]))
      const expected = [...story.written].map(([hunk, file]) => [hunk, where.get(file)])
      expect(story.places()).toEqual(Object.fromEntries(expected))
    }),
    { numRuns: 300 },
  )
})

test('[MOVE-1] a file made anew at the old place is another one, also when it is moved after the first', () => {
  const story = new Story()
  story.write('a')
  story.move('a', 'b')
  story.write('a')
  expect(Object.values(story.places())).toEqual(['b', 'a'])
  story.move('a', 'c')
  story.move('b', 'a')
  expect(Object.values(story.places())).toEqual(['a', 'c'])
})

test('[MOVE-5] a guest sees a file of the thread where it is now, and not what is made where it was', () => {
  const story = new Story()
  story.write('d/a')
  story.move('d', 'e')
  expect([...sharedPaths(story.state as ThreadState)]).toEqual(['e/a'])
})

test('[REPLAY-60] a replay finds a file by the path it has now, whoever moved it and moved it back', () => {
  const steps = new FileSteps()
  const tell = (from: string, to: string) =>
    steps.append({ seq: 1, at: 1, event: { type: 'thread/fileMoved', from, to, at: 1 } })
  tell('d/a', 'd/b')
  tell('d', 'e')
  expect(steps.currentPath('d/a')).toBe('e/b')
  tell('e/b', 'd/a')
  expect(['d/a', 'd/b'].map((path) => steps.currentPath(path))).toEqual(['d/a', 'd/a'])
})
