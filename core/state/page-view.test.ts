import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hunkIdSchema, turnIdSchema } from '../protocol/ids.ts'
import type { FileEdit, Hunk } from '../protocol/item.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { pageEvent, pageThread } from './page-view.ts'
import { reduceThread } from './thread-reducer.ts'

const unseen = 'only-the-model-sees-this'

/** A thread with everything that no page shows, and a fork's copy of a turn of it. */
function tell() {
  const story = new EngineStory()
  story.start('please', [`a.ts now:\n${unseen}`])
  story.text('I will')
  story.model({ type: 'opaque', data: `{"x":"${unseen}"}` })
  story.edit('c1', `*** Begin Patch ${unseen}`)
  story.editEnds('c1', `*** Begin Patch ${unseen}`)
  story.editSettles('c1', { ok: true, message: 'Success.' })
  story.model({ type: 'completed' }).text('Done').model({ type: 'completed' })
  const [turn] = story.state.thread.turns
  if (!turn) throw new Error('the story has a turn')
  const copy = { ...turn, id: turnIdSchema.parse('trn_9'), copied: true as const }
  return [...story.events, { type: 'turn/copied' as const, turn: copy }]
}

const empty = reduceThread(undefined, { type: 'thread/created', ...new EngineStory().state.thread, at: 0 })

test('[FRAME-5] a page that joins at any moment ends with the thread, without what no page shows', () => {
  const events = tell()
  const full = events.reduce(reduceThread, empty)
  expect(JSON.stringify(full)).toContain(unseen)
  const shown = JSON.stringify(pageThread(full))
  expect(shown).not.toContain(unseen)
  for (const text of ['please', 'I will', 'Success.', 'Done']) expect(shown).toContain(text)
  fc.assert(
    fc.property(fc.nat(events.length), (joinAt) => {
      const before = events.slice(0, joinAt).reduce(reduceThread, empty)
      const sent = events.slice(joinAt).map(pageEvent)
      expect(JSON.stringify(sent)).not.toContain(unseen)
      expect(sent.reduce(reduceThread, pageThread(before))).toEqual(pageThread(full))
    }),
  )
})

test('[FRAME-5] an event with nothing to leave out is sent as it is', () => {
  for (const event of tell()) {
    if (!JSON.stringify(event).includes(unseen) && event.type !== 'turn/copied')
      expect(pageEvent(event)).toBe(event)
  }
})

test('[FRAME-5] a patch that is set aside stays with the page that offers it', () => {
  const events = tell()
  const text = (hunkText?: string) =>
    events
      .map((event) => {
        if (event.type !== 'item/completed' || event.item.type !== 'fileChange') return ''
        const hunk: Hunk = {
          id: hunkIdSchema.parse('trn_1.2.0'),
          path: 'a.ts',
          status: 'writing',
          startLine: 1,
          addedLines: 1,
          removedLines: 0,
          removedText: '',
          ...(hunkText !== undefined && { text: hunkText }),
        }
        const files: FileEdit[] = [{ path: 'a.ts', kind: 'update', status: 'written', hunks: [hunk] }]
        return JSON.stringify(pageEvent({ ...event, item: { ...event.item, files } }))
      })
      .join('')
  expect(text('new')).toContain(unseen)
  expect(text()).not.toContain(unseen)
})
