import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createScratch, type Scratch } from '../scripts/lib/scratch.ts'
import { launchTandem, type TandemOptions } from '../scripts/lib/tandem-process.ts'

const nodeFlags = ['--import', new URL('../scripts/lib/without-pages.mjs', import.meta.url).href]
const scratches: Scratch[] = []
const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  for (const scratch of scratches.splice(0)) scratch.remove()
})

function createOptions(): TandemOptions {
  const scratch = createScratch({ files: {} })
  scratches.push(scratch)
  return { data: scratch.data, config: scratch.config, workspaces: [scratch.workspace], nodeFlags }
}

async function refusal(options: TandemOptions): Promise<string> {
  const second = launchTandem(options)
  expect(await second.exit).toBe(1)
  return second.output()
}

test('[START-7] a second server on a data folder is refused in one sentence, and the first lives on', async () => {
  const options = createOptions()
  const first = await launchTandem(options).ready
  ends.push(() => first.end())
  expect(await refusal(options)).toBe(
    `Tandem cannot start: The data folder ${options.data} is in use by process ${first.pid}. Stop it first, or use --data.\n`,
  )
  expect((await fetch(`${first.origin}/readyz`)).status).toBe(200)
})

test('[START-7] a port that is taken is named', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  ends.push(async () => other.close())
  const { port } = other.address() as AddressInfo
  expect(await refusal({ ...createOptions(), port })).toBe(
    `Tandem cannot start: port ${port} of 127.0.0.1 is in use. Choose another with --port.\n`,
  )
})

test('[START-7] a workspace that is not there is named', async () => {
  const options = createOptions()
  for (const folder of options.workspaces) rmSync(folder, { recursive: true })
  expect(await refusal(options)).toMatch(/^Tandem cannot start: .*there is no folder .*\n$/)
})
