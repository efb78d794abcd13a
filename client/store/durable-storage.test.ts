import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDurableStorage, type Journal, type JournalRecord } from './durable-storage.ts'

const dayMs = 24 * 60 * 60 * 1000
const all = Number.POSITIVE_INFINITY

/** The browser: what its tabs share in memory, and how much of that each disk has. */
function createBrowser() {
  let now = 1_000_000_000_000
  /** Each change of the storage, in order. */
  let log: { readonly at: number; readonly key: string; readonly value: string | null }[] = []
  let base = new Map<string, string>()
  let values = new Map<string, string>()
  let committed: JournalRecord[] = []
  let transactions: { readonly commit: () => void; readonly settle: () => void }[] = []
  let room = all

  function apply(to: Map<string, string>, key: string, value: string | null): void {
    if (value === null) to.delete(key)
    else to.set(key, value)
  }
  function change(key: string, value: string | null): void {
    if (value !== null && !values.has(key) && values.size >= room) throw new Error('QuotaExceededError')
    log.push({ at: now, key, value })
    apply(values, key, value)
  }
  const isSame = (a: JournalRecord) => (b: JournalRecord) => a.key === b.key && a.stamp === b.stamp
  const transact = (commit: () => void) =>
    new Promise<void>((settle) => transactions.push({ commit, settle }))

  const journal: Journal = {
    readAll: async () => committed,
    write: (records) =>
      transact(() => {
        for (const { key, stamp } of records)
          committed = committed.filter((other) => other.key !== key || other.stamp > stamp)
        committed = [...committed, ...records]
      }),
    remove: (records) =>
      transact(() => {
        committed = committed.filter((other) => !records.some(isSame(other)))
      }),
  }

  return {
    storage: {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => change(key, value),
      removeItem: (key: string) => change(key, null),
    },
    journal,
    now: () => now,
    pass(ms: number) {
      now += ms
    },
    bound(keys: number) {
      room = keys
    },
    keys: () => [...values.keys()],
    committed: () => committed,
    /** One transaction, of whichever tab began first, reaches the disk. */
    async commit() {
      const next = transactions.shift()
      next?.commit()
      next?.settle()
      await new Promise(setImmediate)
    },
    /** The storage loses the last of its changes, but none older than a day. Answers how many it keeps. */
    kill(lost: number) {
      const settled = log.filter(({ at }) => at < now - dayMs).length
      const left = Math.max(settled, log.length - lost)
      for (const { key, value } of log.slice(0, left)) apply(base, key, value)
      values = new Map(base)
      base = new Map(values)
      log = []
      transactions = []
      return left
    },
    changes: () => log.length,
  }
}

type Browser = ReturnType<typeof createBrowser>

/** A page that has read the journal. */
function openTab(browser: Browser, journal = browser.journal) {
  let scheduled: (() => void) | undefined
  const storage = createDurableStorage({
    storage: browser.storage,
    journal,
    now: browser.now,
    schedule(run) {
      scheduled = run
      return () => {
        scheduled = undefined
      }
    },
  })
  return {
    storage,
    /** The page finds time for what it has put off. */
    rest() {
      const run = scheduled
      scheduled = undefined
      run?.()
    },
    putBack() {
      storage.putBack(browser.committed()).catch(() => {})
    },
  }
}

function startTab(browser: Browser) {
  const tab = openTab(browser)
  tab.putBack()
  return tab
}

/** The draft has reached the journal, and all the storage has lost it. */
async function killedAfter(draft: string): Promise<Browser> {
  const browser = createBrowser()
  const tab = startTab(browser)
  tab.storage.setItem('draft', draft)
  tab.rest()
  await browser.commit()
  browser.kill(all)
  return browser
}

const keys = ['draft', 'tabs']
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('set' as const), tab: fc.nat(1), key: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), tab: fc.nat(1), key: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('rest' as const), tab: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('commit' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reload' as const), tab: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 5000, dayMs + 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      lost: fc.oneof(fc.nat(8), fc.constant(all)),
    }),
  },
)

const set = (tab: number, key: number) => ({ do: 'set' as const, tab, key })
const rest = (tab: number) => ({ do: 'rest' as const, tab })
const commit = { do: 'commit' as const }
const kill = (lost: number) => ({ do: 'kill' as const, lost })
/** What is put back had a stamp ahead of the clock. */
const stampsAhead = [
  ...[set(0, 0), set(0, 0), set(0, 0), { do: 'remove' as const, tab: 1, key: 0 }, rest(1), commit],
  ...[kill(all), set(0, 0), kill(0)],
]
/** The journal has two values of a key, and the storage is cut between them again. */
const writtenInTurn = [
  ...[set(1, 1), set(0, 1), rest(0), commit, rest(1), commit],
  ...[kill(all), set(0, 0), kill(4)],
]

/** A tab that slept for a day between its write and the journal's, while the other took out what it wrote. */
const writtenLate = [
  ...[set(0, 1), { do: 'pass' as const, ms: 1 }, { do: 'remove' as const, tab: 1, key: 1 }],
  ...[{ do: 'pass' as const, ms: dayMs + 1 }, rest(1)],
  ...[commit, rest(0), { do: 'reload' as const, tab: 0 }, commit, commit, { do: 'reload' as const, tab: 0 }],
]

test('[HOT-1] whatever two tabs write and wherever they are killed, what reached the journal is there and what went stays away', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
      const browser = createBrowser()
      /** What each key was since the last kill. */
      const histories = new Map<string, (string | null)[]>(keys.map((key) => [key, [null]]))
      const history = (key: string) => histories.get(key) ?? []
      const stateOf = () => keys.map((key) => browser.storage.getItem(key))
      /** The last of that which is on a disk. */
      let safe = new Map<string, number>()
      /** After how many changes of the storage each was written. */
      let writes: { readonly key: string; readonly index: number; readonly at: number }[] = []
      const keep = (key: string, index: number) => safe.set(key, Math.max(index, safe.get(key) ?? 0))
      let count = 0

      /** A journal that notes which writes of its tab have reached the disk. */
      function start() {
        const latest = new Map<string, number>()
        const noting: Journal = {
          ...browser.journal,
          write(records) {
            const indices = records.map(({ key }) => [key, latest.get(key)] as const)
            const done = browser.journal.write(records)
            return done.then(() => {
              for (const [key, index] of indices) if (index !== undefined) keep(key, index)
            })
          },
        }
        const tab = openTab(browser, noting)
        return {
          ...tab,
          change(key: string, value: string | null) {
            if (browser.storage.getItem(key) !== value) {
              const index = history(key).push(value) - 1
              latest.set(key, index)
              writes.push({ key, index, at: browser.changes() })
            }
            if (value === null) tab.storage.removeItem(key)
            else tab.storage.setItem(key, value)
          },
        }
      }

      let tabs = [start(), start()]
      for (const next of steps) {
        const tab = 'tab' in next ? tabs[next.tab] : undefined
        if (next.do === 'set') tab?.change(keys[next.key] ?? '', `value ${count++}`)
        if (next.do === 'remove') tab?.change(keys[next.key] ?? '', null)
        if (next.do === 'rest') tab?.rest()
        if (next.do === 'commit') await browser.commit()
        if (next.do === 'pass') browser.pass(next.ms)
        if (next.do === 'reload') {
          const before = stateOf()
          const fresh = start()
          fresh.putBack()
          tabs = tabs.map((other) => (other === tab ? fresh : other))
          expect(stateOf()).toEqual(before)
        }
        if (next.do === 'kill') {
          const left = browser.kill(next.lost)
          for (const { key, index, at } of writes) if (at < left) keep(key, index)
          tabs = [start(), start()]
          for (const each of tabs) each.putBack()
          for (const key of keys) {
            const value = browser.storage.getItem(key)
            expect(history(key).lastIndexOf(value)).toBeGreaterThanOrEqual(safe.get(key) ?? 0)
            histories.set(key, [value])
          }
          writes = []
          safe = new Map()
        }
      }
    }),
    { numRuns: 3000, examples: [[stampsAhead], [writtenInTurn], [writtenLate]] },
  )
})

describe('the journal', () => {
  test('[HOT-1] a draft typed last is there after the storage went back to its beginning', async () => {
    const browser = await killedAfter('half a thought')
    expect(browser.storage.getItem('draft')).toBe(null)
    expect(startTab(browser).storage.getItem('draft')).toBe('half a thought')
  })

  test('[HOT-1] a draft that was sent does not come back with a storage that still has it', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'sent at once')
    browser.pass(dayMs + 1)
    tab.storage.removeItem('draft')
    tab.rest()
    await browser.commit()
    browser.kill(all)
    expect(browser.storage.getItem('draft')).toBe('sent at once')
    expect(startTab(browser).storage.getItem('draft')).toBe(null)
  })

  test('[HOT-1] what is put back and lost again before it reached the disk is put back again', async () => {
    const browser = await killedAfter('on Friday')
    browser.pass(3 * dayMs)
    for (let start = 0; start < 3; start++) {
      expect(startTab(browser).storage.getItem('draft')).toBe('on Friday')
      await browser.commit()
      browser.kill(all)
    }
  })

  test('[HOT-1] a clock that was set back brings nothing back', async () => {
    const browser = await killedAfter('old')
    browser.pass(-dayMs)
    const later = startTab(browser)
    expect(later.storage.getItem('draft')).toBe('old')
    later.storage.setItem('draft', 'new')
    later.rest()
    await browser.commit()
    expect(startTab(browser).storage.getItem('draft')).toBe('new')
    browser.kill(all)
    expect(startTab(browser).storage.getItem('draft')).toBe('new')
  })

  test('[HOT-2] while a write is on its way the last of each key waits for the next', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    const write = (text: string) => tab.storage.setItem('draft', text)
    for (const text of ['a', 'ab']) write(text)
    tab.rest()
    for (const text of ['abc', 'abcd']) {
      write(text)
      tab.rest()
    }
    await browser.commit()
    expect(browser.committed().map(({ value }) => value)).toEqual(['ab'])
    tab.rest()
    await browser.commit()
    expect(browser.committed().map(({ value }) => value)).toEqual(['abcd'])
  })

  test('[HOT-2] a page that may be stopped does not wait for time', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'a lid closes')
    tab.storage.flush()
    await browser.commit()
    expect(browser.committed()).toMatchObject([{ key: 'draft', value: 'a lid closes' }])
  })

  test('[HOT-3] what is the same as before goes nowhere', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'a')
    tab.rest()
    await browser.commit()
    const before = browser.committed()
    tab.storage.setItem('draft', 'a')
    tab.storage.removeItem('tabs')
    tab.storage.flush()
    await browser.commit()
    expect(browser.committed()).toEqual(before)
    expect(tab.storage.getItem('draft')).toBe('a')
  })

  test('[HOT-4] a journal that fails costs nothing but itself', async () => {
    const browser = createBrowser()
    let works = false
    const tab = openTab(browser, {
      ...browser.journal,
      write: (records) => (works ? browser.journal.write(records) : Promise.reject(new Error('no disk'))),
    })
    tab.storage.setItem('draft', 'a')
    tab.rest()
    await browser.commit()
    expect(tab.storage.getItem('draft')).toBe('a')
    works = true
    tab.storage.setItem('draft', 'ab')
    tab.rest()
    await browser.commit()
    expect(browser.committed()).toMatchObject([{ key: 'draft', value: 'ab' }])
  })

  test('[HOT-5] a full storage refuses, and what it has no room for yet is not forgotten', async () => {
    const browser = await killedAfter('half a thought')
    browser.bound(0)
    const full = startTab(browser)
    expect(full.storage.getItem('draft')).toBe(null)
    expect(() => full.storage.setItem('tabs', '[]')).toThrow('Quota')
    browser.bound(10)
    expect(startTab(browser).storage.getItem('draft')).toBe('half a thought')
  })

  test('[HOT-5] where only the stamp has no room the value stays, also at the next start', async () => {
    const browser = createBrowser()
    browser.bound(1)
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'a')
    tab.storage.setItem('draft', 'ab')
    tab.rest()
    await browser.commit()
    expect(startTab(browser).storage.getItem('draft')).toBe('ab')
  })

  test('[HOT-6] after a day nothing is left of a write but its value', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'old')
    tab.storage.setItem('tabs', 'taken out')
    tab.storage.removeItem('tabs')
    tab.rest()
    await browser.commit()
    startTab(browser)
    await browser.commit()
    expect(browser.committed()).toHaveLength(2)
    browser.pass(2 * dayMs)
    startTab(browser)
    await browser.commit()
    expect(browser.committed()).toEqual([])
    expect(browser.keys()).toEqual(['draft'])
  })

  test('[HOT-7] what was written before the journal was read is kept, the rest is put back', async () => {
    const browser = createBrowser()
    const tab = startTab(browser)
    tab.storage.setItem('draft', 'old')
    tab.storage.setItem('tabs', 'old')
    tab.rest()
    await browser.commit()
    browser.kill(all)
    const late = openTab(browser)
    late.storage.setItem('draft', 'new')
    late.putBack()
    expect(late.storage.getItem('draft')).toBe('new')
    expect(late.storage.getItem('tabs')).toBe('old')
  })
})
