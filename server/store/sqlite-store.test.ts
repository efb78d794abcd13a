import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import { createSqliteStore } from './sqlite-store.ts'
import { readySqliteThread } from './sqlite-thread.ts'
import { storeContract } from './store.contract.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-store-'))
  file = join(folder, 'tandem.db')
})
afterEach(() => rm(folder, { recursive: true }))

storeContract('sqlite', async () => createSqliteStore({ file }))

const storeModule = JSON.stringify(new URL('./sqlite-store.ts', import.meta.url).href)

/** A process that runs `body` with an open store and is killed by the test. */
function startProcess(body: string) {
  const script = `
    import { createSqliteStore } from ${storeModule}
    const say = (line) => process.stdout.write(line + '\\n')
    try {
      const store = await createSqliteStore({ file: ${JSON.stringify(file)} })
      say('open ' + process.pid)
      ${body}
    } catch (error) { say('refused ' + error.message) }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  const readers = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    for (const read of readers) read()
  })
  return {
    pid: child.pid,
    lines: () => text.split('\n').slice(0, -1),
    async until(done: (lines: readonly string[]) => boolean) {
      while (!done(this.lines())) {
        await new Promise<void>((resolve) => {
          const read = () => {
            readers.delete(read)
            resolve()
          }
          readers.add(read)
        })
      }
    },
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'close')
      }
    },
  }
}

test('[STORE-8] what was acknowledged is there after kill -9', async () => {
  const random = seededRandom(8)
  let acknowledged = 0
  for (let round = 0; round < 4; round++) {
    const child = startProcess(`
      let head = await store.headSeq('thread:a')
      for (;;) {
        const first = head + 1
        head += 3
        await Promise.all([
          store.appendEvents('thread:a', [first, first + 1, first + 2].map((seq) => ({ seq, at: seq, body: 'b' + seq }))),
          store.appendUpdate('d', Uint8Array.of(1)),
        ])
        say('ack ' + head)
      }`)
    const wanted = 2 + randomInt(random, 15)
    await child.until((lines) => lines.length > wanted)
    await child.kill()
    acknowledged = Number(child.lines().at(-1)?.slice(4))
    const store = await createSqliteStore({ file })
    const kept = await store.readEvents('thread:a', 0)
    expect(kept.length).toBeGreaterThanOrEqual(acknowledged)
    expect(kept.map((row) => row.seq)).toEqual(kept.map((_, index) => index + 1))
    expect(kept.length % 3).toBe(0)
    expect((await store.readJournal('d'))?.updates.length).toBeGreaterThanOrEqual(acknowledged / 3)
    await store.close()
  }
  expect(acknowledged).toBeGreaterThan(0)
})

test('[STORE-9] every commit is fsynced: the journal mode and the level say so', async () => {
  const store = await createSqliteStore({ file })
  expect(await store.diagnostics()).toMatchObject({
    journalMode: 'wal',
    synchronous: 'full',
    busyTimeoutMs: 5000,
  })
  await store.close()
})

test('[STORE-10] writes that come together share a commit', async () => {
  const store = await createSqliteStore({ file })
  await Promise.all(Array.from({ length: 300 }, () => store.appendUpdate('d', Uint8Array.of(1))))
  const { commits, units } = await store.diagnostics()
  expect({ commits, units }).toEqual({ commits: 1, units: 300 })
  await store.close()
})

test('[STORE-10] writes of several tasks that were due at once share one too', async () => {
  const store = await createSqliteStore({ file })
  const written = ['thread:a', 'workspace:a'].map(async (topic) => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    await store.appendEvents(topic, [{ seq: 1, at: 0, body: '{}' }])
  })
  await Promise.all(written)
  expect((await store.diagnostics()).commits).toBe(1)
  await store.close()
})

test('[STORE-10] closing waits for what was written', async () => {
  const store = await createSqliteStore({ file })
  const writes = Array.from({ length: 20 }, (_, index) => store.setValue(`k${index}`, 'v'))
  await store.close()
  await Promise.all(writes)
  await expect(store.setValue('late', 'v')).rejects.toMatchObject({ code: 'storageFailed' })
  const again = await createSqliteStore({ file })
  expect(await again.getValue('k19')).toBe('v')
  await again.close()
})

async function fill(): Promise<void> {
  const store = await createSqliteStore({ file })
  const body = 'x'.repeat(2000)
  await store.appendEvents(
    'thread:a',
    Array.from({ length: 100 }, (_, index) => ({ seq: index + 1, at: 0, body })),
  )
  await store.close()
}

const damages: Record<string, () => Promise<void>> = {
  'an empty file': () => truncate(file, 0),
  'a file cut short': async () => truncate(file, Math.floor((await stat(file)).size / 2)),
  'a text file': () => writeFile(file, 'this is no database, it is a letter\n'.repeat(300)),
  'pages overwritten': async () => {
    const handle = await open(file, 'r+')
    const { size } = await handle.stat()
    await handle.write(Buffer.alloc(16_384, 0xa5), 0, 16_384, Math.floor(size / 2 / 4096) * 4096)
    await handle.close()
  },
  'a log without its database': async () => {
    await writeFile(`${file}-wal`, 'log')
    await rm(file)
  },
}

test.each(Object.keys(damages))('[STORE-11] %s is refused by name and left as it is', async (damage) => {
  await fill()
  await damages[damage]?.()
  const before = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.startsWith('tandem.db'))
      .map(async (name) => [name, await readFile(join(folder, name), 'base64')]),
  )
  await expect(createSqliteStore({ file })).rejects.toThrow(`The database ${file} is damaged`)
  for (const [name, content] of before) expect(await readFile(join(folder, name!), 'base64')).toBe(content)
})

test('[STORE-11] after a backup is put back the store opens', async () => {
  await fill()
  await copyFile(file, join(folder, 'backup'))
  await truncate(file, 100)
  await expect(createSqliteStore({ file })).rejects.toThrow('Put a backup in its place')
  await copyFile(join(folder, 'backup'), file)
  const store = await createSqliteStore({ file })
  expect(await store.headSeq('thread:a')).toBe(100)
  await store.close()
})

test('[STORE-12] a second process on the data folder is refused, naming the first, until that is gone', async () => {
  const first = startProcess('await new Promise(() => setInterval(() => {}, 1000))')
  await first.until((lines) => lines.length === 1)
  await expect(createSqliteStore({ file })).rejects.toThrow(`in use by process ${first.pid}.`)
  expect(await readFile(join(folder, 'tandem.lock'), 'utf8')).toBe(`${first.pid}\n`)
  await first.kill()
  const second = await createSqliteStore({ file })
  await expect(createSqliteStore({ file })).rejects.toThrow(`in use by process ${process.pid}.`)
  const third = startProcess('')
  await third.until((lines) => lines.length === 1)
  expect(third.lines()[0]).toContain(`in use by process ${process.pid}.`)
  await second.close()
})

test('[STORE-13] a first start killed at any moment leaves nothing that stops the next', async () => {
  const random = seededRandom(13)
  for (let round = 0; round < 5; round++) {
    const child = startProcess('')
    await new Promise((resolve) => setTimeout(resolve, randomInt(random, 250)))
    await child.kill()
    const store = await createSqliteStore({ file })
    await store.setValue('k', 'v')
    expect(await store.getValue('k')).toBe('v')
    await store.close()
    await rm(file)
  }
})

test('[STORE-13] a half-made database under its draft name is thrown away', async () => {
  await writeFile(`${file}.new`, 'half')
  await writeFile(`${file}.new-wal`, 'half')
  const store = await createSqliteStore({ file })
  expect(await store.headSeq('thread:a')).toBe(0)
  await store.close()
  expect((await readdir(folder)).filter((name) => name.includes('.new'))).toEqual([])
})

test('[STORE-13] a database of a later version is refused', async () => {
  await fill()
  const db = new DatabaseSync(file)
  db.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-later', '')")
  db.close()
  await expect(createSqliteStore({ file })).rejects.toThrow('another version of Tandem')
})

test('[STORE-16] a thread that stood ready serves the store that is opened next, and one that was refused no other', async () => {
  await createSqliteStore({ file }).then((store) => store.close())
  const damaged = join(folder, 'other', 'tandem.db')
  await mkdir(join(folder, 'other'))
  await writeFile(damaged, 'no database')
  readySqliteThread()
  await expect(createSqliteStore({ file: damaged })).rejects.toThrow(damaged)
  readySqliteThread()
  const store = await createSqliteStore({ file })
  await store.appendEvents('thread:a', [{ seq: 1, at: 1, body: 'kept' }])
  await store.close()
  const again = await createSqliteStore({ file })
  expect(await again.readEvents('thread:a', 0)).toMatchObject([{ seq: 1, body: 'kept' }])
  await again.close()
})

test('[STORE-14] a full disk refuses the write as storageFailed, keeps what was stored and goes on afterwards', async () => {
  await fill()
  const { size } = await stat(file)
  const full = await createSqliteStore({ file, maxPages: size / 4096 + 4 })
  await full.setValue('small', '1')
  const large = 'x'.repeat(100_000)
  const results = await Promise.allSettled([full.setValue('large', large), full.setValue('other', '2')])
  for (const result of results) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { name: 'RequestError', code: 'storageFailed' },
    })
  }
  expect(await full.getValue('other')).toBeUndefined()
  await full.setValue('other', '3')
  await full.close()
  const roomy = await createSqliteStore({ file })
  await roomy.setValue('large', large)
  expect([await roomy.getValue('small'), await roomy.getValue('other')]).toEqual(['1', '3'])
  expect((await roomy.getValue('large'))?.length).toBe(100_000)
  await roomy.close()
})
