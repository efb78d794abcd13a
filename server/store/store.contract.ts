import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventRow, Store } from './store.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const rows = (from: number, to: number): EventRow[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    seq: from + index,
    at: 1_700_000_000_000 + index,
    body: `{"n":${from + index}}`,
  }))

/** What every store must do; run once per implementation. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`${name} store`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    test('[STORE-1] events come back in order, those after `since`, at most `limit`', async () => {
      await store.appendEvents('thread:a', rows(1, 3))
      await store.appendEvents('thread:b', rows(1, 1))
      await store.appendEvents('thread:a', rows(4, 5))
      expect(await store.readEvents('thread:a', 0)).toEqual([...rows(1, 3), ...rows(4, 5)])
      expect((await store.readEvents('thread:a', 2)).map((row) => row.seq)).toEqual([3, 4, 5])
      expect((await store.readEvents('thread:a', 2, 2)).map((row) => row.seq)).toEqual([3, 4])
      expect(await store.readEvents('thread:a', 5)).toEqual([])
      expect(await store.readEvents('thread:none', 0)).toEqual([])
    })

    test('[STORE-1] any body comes back as it was', async () => {
      let seq = 0
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 50 }), async (body) => {
          const row = { seq: ++seq, at: seq, body }
          await store.appendEvents('thread:text', [row])
          expect(await store.readEvents('thread:text', seq - 1)).toEqual([row])
        }),
        { numRuns: 30, seed: 7 },
      )
    })

    test('[STORE-15] events are found by a text in them, whatever its case and script, taken literally', async () => {
      const bodies = [
        'a:Äpfel 100% rot',
        'a:ÄPFEL 100x',
        'b:äpfel',
        'a:苹果 Ａ',
        'a:back\\slash_',
        'a:ΣΊΣΥΦΟΣ',
      ]
      await store.appendEvents(
        'thread:a',
        bodies.map((body, index) => ({ seq: index + 1, at: 0, body })),
      )
      const find = async (
        text: string,
        options: { since?: number; limit?: number; starts?: string[] } = {},
      ) => {
        const search = { since: 0, limit: 10, starts: ['a:'], ...options, text }
        return (await store.searchEvents('thread:a', search)).map(({ seq }) => seq)
      }
      expect(await find('äpfel')).toEqual([1, 2])
      expect(await find('äpfel', { starts: ['b:', 'a:'] })).toEqual([1, 2, 3])
      expect(await find('ÄPFEL', { limit: 1 })).toEqual([1])
      expect(await find('äpfel', { since: 1 })).toEqual([2])
      expect(await find('100%')).toEqual([1])
      expect(await find('果 ａ')).toEqual([4])
      expect(await find('BACK\\slash_')).toEqual([5])
      expect(await find('slashx')).toEqual([])
      expect(await find('σίσυφο')).toEqual([6])
      expect(await find('äpfel', { starts: [] })).toEqual([])
    })

    test('[STORE-2] an append that does not follow the head is refused whole', async () => {
      await store.appendEvents('thread:a', rows(1, 2))
      await expect(store.appendEvents('thread:a', rows(2, 4))).rejects.toThrow('seq 2')
      await expect(store.appendEvents('thread:a', rows(4, 5))).rejects.toThrow('seq 4')
      const gap = rows(3, 5).filter((row) => row.seq !== 4)
      await expect(store.appendEvents('thread:a', gap)).rejects.toThrow('seq 5')
      await expect(store.appendEvents('thread:new', rows(2, 2))).rejects.toThrow('seq 2')
      await store.appendEvents('thread:a', [])
      expect(await store.headSeq('thread:a')).toBe(2)
      expect(await store.topics('thread:')).toEqual(['thread:a'])
    })

    test('[STORE-2] what is appended at once is all there, but for what is refused', async () => {
      const results = await Promise.allSettled([
        store.appendEvents('thread:a', rows(1, 2)),
        store.appendEvents('thread:a', rows(2, 2)),
        store.appendEvents('thread:a', rows(3, 3)),
        store.appendEvents('thread:b', rows(1, 1)),
        store.setValue('k', 'v'),
      ])
      expect(results.map((result) => result.status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
        'fulfilled',
      ])
      expect((await store.readEvents('thread:a', 0)).map((row) => row.seq)).toEqual([1, 2, 3])
      expect(await store.headSeq('thread:b')).toBe(1)
      expect(await store.getValue('k')).toBe('v')
    })

    test('[STORE-3] topics are found by prefix, taken literally', async () => {
      for (const topic of ['thread:b', 'thread:a', 'thread_%', 'threadX', 'workspace:a']) {
        await store.appendEvents(topic, rows(1, 1))
      }
      expect(await store.topics('thread:')).toEqual(['thread:a', 'thread:b'])
      expect(await store.topics('thread_')).toEqual(['thread_%'])
      expect(await store.topics('nothing')).toEqual([])
      expect((await store.topics('')).length).toBe(5)
      expect(await store.headSeq('nothing')).toBe(0)
    })

    test('[STORE-4] the newest snapshot of a topic replaces the older', async () => {
      expect(await store.readSnapshot('thread:a')).toBeUndefined()
      await store.saveSnapshot('thread:a', 3, '{"a":1}')
      await store.saveSnapshot('thread:a', 9, '{"a":2}')
      expect(await store.readSnapshot('thread:a')).toEqual({ seq: 9, state: '{"a":2}' })
    })

    test('[STORE-5] a journal gives back its updates and their times, byte by byte and in order', async () => {
      expect(await store.readJournal('w/a.ts')).toBeUndefined()
      const all = Uint8Array.from({ length: 256 }, (_, index) => index)
      const numbers = await Promise.all([
        store.appendUpdate('w/a.ts', all, all),
        store.appendUpdate('w/a.ts', bytes()),
        store.appendUpdate('w/b.ts', bytes(9)),
        store.appendUpdate('w/a.ts', bytes(1, 2), bytes(7)),
      ])
      expect(numbers[1]).toBeGreaterThan(numbers[0])
      expect(numbers[3]).toBeGreaterThan(numbers[1])
      const journal = await store.readJournal('w/a.ts')
      expect(journal?.updates.map((update) => [...update])).toEqual([[...all], [], [1, 2]])
      expect(journal?.times.map((times) => [...times])).toEqual([[...all], [7]])
      expect(journal?.lastRow).toBe(numbers[3])
      expect(journal?.disk).toBeUndefined()
    })

    test('[MOVE-8] documents of whose file is noted what it holds are found by a literal prefix of their keys', async () => {
      await store.appendUpdate('w:d_/a.ts', bytes(1))
      await store.appendUpdate('w:d_/b.ts', bytes(1))
      for (const key of ['w:d_/b.ts', 'w:dx/c.ts', 'v:d_/d.ts'])
        await store.markDisk(key, { hash: key, row: 1 })
      const found = await store.markedDocuments('w:d_')
      expect(found).toEqual([{ key: 'w:d_/b.ts', hash: 'w:d_/b.ts' }])
    })

    test('[STORE-6] compaction puts one snapshot in the place of the rows up to it', async () => {
      await store.appendUpdate('d', bytes(1), bytes(91))
      const second = await store.appendUpdate('d', bytes(2), bytes(92))
      const third = await store.appendUpdate('d', bytes(3), bytes(93))
      const disk = { hash: 'ab', row: second }
      await store.compactJournal('d', second, bytes(12), disk, bytes(94))
      expect(await store.readJournal('d')).toEqual({
        updates: [bytes(12), bytes(3)],
        times: [bytes(94), bytes(93)],
        rows: [second, third],
        lastRow: third,
        disk,
      })
      await store.compactJournal('d', third, bytes(123), { hash: 'cd', row: third })
      expect((await store.readJournal('d'))?.lastRow).toBe(third)
      expect(await store.appendUpdate('d', bytes(4))).toBeGreaterThan(third)
      expect((await store.readJournal('d'))?.updates).toEqual([bytes(123), bytes(4)])
    })

    test('[STORE-6] what the disk holds is noted, and forgotten with the journal', async () => {
      const row = await store.appendUpdate('d', bytes(1))
      await store.markDisk('d', { hash: 'ab', row: 0 })
      await store.markDisk('d', { hash: 'cd', row })
      expect((await store.readJournal('d'))?.disk).toEqual({ hash: 'cd', row })
      await store.markDisk('only', { hash: '', row: 0 })
      expect(await store.readJournal('only')).toEqual({
        updates: [],
        times: [],
        rows: [],
        lastRow: 0,
        disk: { hash: '', row: 0 },
      })
      await store.deleteJournal('d')
      expect(await store.readJournal('d')).toBeUndefined()
    })

    test('[LEDGER-1] a job is in the ledger once, and every claim makes its fence one higher', async () => {
      await store.addJobs([{ id: 'job_a', head: '', body: '{}' }])
      await expect(store.addJobs([{ id: 'job_a', head: '', body: '{}' }])).rejects.toThrow()
      // Of several all are in it, or none is.
      const both = ['job_b', 'job_a'].map((id) => ({ id, head: '', body: '{}' }))
      await expect(store.addJobs(both)).rejects.toThrow()
      expect(await Promise.all([store.claimJob('job_a'), store.claimJob('job_a')])).toEqual([1, 2])
      expect(await store.readJobs()).toEqual([{ id: 'job_a', fence: 2, head: '', body: '{}' }])
      await expect(store.claimJob('job_none')).rejects.toThrow('no job')
    })

    test('[LEDGER-2] who lost the claim, or does not know the head, writes nothing', async () => {
      await store.addJobs([{ id: 'job_a', head: '', body: '0' }])
      const old = await store.claimJob('job_a')
      const fence = await store.claimJob('job_a')
      await store.writeJob('job_a', { fence, from: '', head: 'c1', body: '1', step: { n: 1, body: 's1' } })
      const late = { from: 'c1', head: 'c2', body: '2', step: { n: 2, body: 's2' } }
      await expect(store.writeJob('job_a', { ...late, fence: old })).rejects.toThrow('fence 1')
      await expect(store.writeJob('job_a', { ...late, fence, from: '' })).rejects.toThrow('head')
      expect(await store.readJobs()).toEqual([{ id: 'job_a', fence, head: 'c1', body: '1' }])
      expect(await store.readJobStep('job_a', 2)).toBeUndefined()
    })

    test('[LEDGER-3] a step and the head are written together, and an answer that is kept stays', async () => {
      await store.addJobs([{ id: 'job_a', head: '', body: '0' }])
      const fence = await store.claimJob('job_a')
      const write = (head: string, step: { body: string; answer?: string }, from = '') =>
        store.writeJob('job_a', { fence, from, head, body: head, step: { n: 1, ...step } })
      await write('', { body: 'intent' })
      expect(await store.readJobStep('job_a', 1)).toEqual({ n: 1, body: 'intent', answer: undefined })
      await write('', { body: 'answered', answer: '[1]' })
      await write('c1', { body: 'done' })
      expect(await store.readJobStep('job_a', 1)).toEqual({ n: 1, body: 'done', answer: '[1]' })
      expect((await store.readJobs())[0]?.head).toBe('c1')
    })

    test('[LEDGER-4] a job that is removed is gone with its steps, and nothing writes it again', async () => {
      await store.addJobs([{ id: 'job_a', head: '', body: '0' }])
      await store.addJobs([{ id: 'job_ab', head: '', body: '0' }])
      const write = { from: '', head: '', body: '1', step: { n: 1, body: 's' } }
      for (const id of ['job_a', 'job_ab'])
        await store.writeJob(id, { ...write, fence: await store.claimJob(id) })
      await store.removeJob('job_a')
      expect((await store.readJobs()).map(({ id }) => id)).toEqual(['job_ab'])
      expect(await store.readJobStep('job_a', 1)).toBeUndefined()
      expect(await store.readJobStep('job_ab', 1)).toMatchObject({ body: 's' })
      await expect(store.writeJob('job_a', { ...write, fence: 1 })).rejects.toThrow('fence')
    })

    test('[NOTIFY-1] what a job wants done elsewhere is kept with the write that wants it, once, until it is done with', async () => {
      await store.addJobs([{ id: 'job_a', head: '', body: '0' }])
      const fence = await store.claimJob('job_a')
      const write = { fence, from: '', head: '', body: '1', effects: [{ id: 'e1', body: '{}' }] }
      await store.writeJob('job_a', write)
      await store.writeJob('job_a', { ...write, effects: [{ id: 'e1', body: 'other' }] })
      await expect(
        store.writeJob('job_a', { ...write, fence: 0, effects: [{ id: 'e2', body: '' }] }),
      ).rejects.toThrow('fence')
      const row = { id: 'e1', job: 'job_a', state: 'waiting', attempts: 0, due: 0, body: '{}' }
      expect(await store.readEffects()).toEqual([row])
      const sending = { from: 'waiting', state: 'sending', attempts: 1, due: 7 } as const
      await store.writeEffect('e1', sending)
      await expect(store.writeEffect('e1', sending)).rejects.toThrow('not waiting')
      expect(await store.readEffects()).toEqual([{ ...row, state: 'sending', attempts: 1, due: 7 }])
      // It outlives its job.
      await store.removeJob('job_a')
      expect(await store.readEffects()).toHaveLength(1)
      await store.removeEffect('e1')
      expect(await store.readEffects()).toEqual([])
    })

    test('[SCHEDULE-1] a schedule is written by who knows how it stands, and by nobody else', async () => {
      await store.addSchedule('sch_a', { due: 20, body: 'a' })
      await store.addSchedule('sch_b', { due: 10, body: 'b' })
      await expect(store.addSchedule('sch_a', { due: 1, body: '' })).rejects.toThrow()
      expect((await store.readSchedules()).map(({ id }) => id)).toEqual(['sch_b', 'sch_a'])
      await store.writeSchedule('sch_a', { version: 1, due: 5, body: 'c' })
      await expect(store.writeSchedule('sch_a', { version: 1, due: 6, body: 'd' })).rejects.toThrow('since')
      expect(await store.readSchedules()).toEqual([
        { id: 'sch_a', version: 2, due: 5, body: 'c' },
        { id: 'sch_b', version: 1, due: 10, body: 'b' },
      ])
      await store.removeSchedule('sch_a')
      await expect(store.writeSchedule('sch_a', { version: 2, due: 1, body: '' })).rejects.toThrow()
    })

    test('[STORE-7] values are kept by key', async () => {
      expect(await store.getValue('k')).toBeUndefined()
      await store.setValue('k', '1')
      await store.setValue('k', '2')
      await store.setValue('other', '')
      expect(await store.getValue('k')).toBe('2')
      expect(await store.getValue('other')).toBe('')
    })
  })
}
