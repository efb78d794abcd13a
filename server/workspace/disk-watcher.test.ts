import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { watchDisk } from './disk-watcher.ts'

test('[FILES-11] folders that vanish while their watch ends keep nobody from ending it', async () => {
  const problems: string[] = []
  for (let times = 0; times < 40; times++) {
    const root = await mkdtemp(join(tmpdir(), 'tandem-watched-'))
    const folders = Array.from({ length: 30 }, (_, n) => join(root, `folder${n}`))
    await Promise.all(folders.map((folder) => mkdir(folder)))
    const watcher = watchDisk(root, { onChanges: () => {}, onProblem: (problem) => problems.push(problem) })
    expect(await watcher.watching).toBe(true)
    const gone = Promise.all(folders.map((folder) => rm(folder, { recursive: true })))
    await watcher.close()
    await gone
    await rm(root, { recursive: true })
  }
  expect(problems).toEqual([])
})
