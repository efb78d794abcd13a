import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { processesWith } from '../testing/processes.ts'
import { createProcessHelper } from './process-helper.ts'

const folder = mkdtempSync(join(tmpdir(), 'tandem-helper-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const shell = (line: string, input?: string) => ({
  file: '/bin/sh',
  args: ['-c', line],
  cwd: folder,
  env: { PATH: '/usr/bin:/bin' },
  timeoutMs: 20_000,
  outputBytes: 100_000,
  ...(input !== undefined && { input }),
})
/** Who has started it. */
const parent = shell('echo $PPID')

/** It stands by then: until it does programs are started from here. */
async function helped() {
  const run = createProcessHelper()
  const pidOf = async () => Number((await run(parent)).output)
  const pid = await vi.waitFor(
    async () => {
      const found = await pidOf()
      expect(found).not.toBe(process.pid)
      return found
    },
    { timeout: 10_000, interval: 20 },
  )
  return { run, pid, pidOf }
}

test('[WORKTREE-32] what jobs start is started by a process of its own, at a lower priority than the server has', async () => {
  const { run } = await helped()
  expect((await run(shell('nice'))).output.trim()).toBe(`${Math.min(getPriority() + 10, 19)}`)
  const said = await run(shell('cat; echo no >&2; exit 3', 'yes'))
  expect(said).toEqual({ code: 3, output: 'yes', problem: 'no\n', cut: 'no' })
  const many = await Promise.all([1, 2, 3].map((n) => run(shell(`echo ${n}`))))
  expect(many.map(({ output }) => output)).toEqual(['1\n', '2\n', '3\n'])
  await expect(run({ ...shell(''), file: '/no/such/program' })).rejects.toThrow('ENOENT')
  expect((await run({ ...shell('exec sleep 20'), timeoutMs: 100 })).cut).toBe('time')
})

test('[WORKTREE-33] when that process is killed, what it was asked has failed, and the next is started all the same', async () => {
  const { run, pid, pidOf } = await helped()
  const asked = run(shell('exec sleep 3'))
  process.kill(pid, 'SIGKILL')
  await expect(asked).rejects.toThrow('ended')
  expect((await run(shell('echo there'))).output).toBe('there\n')
  await vi.waitFor(async () => expect([process.pid, pid]).not.toContain(await pidOf()), 10_000)
})

test('[WORKTREE-34] it ends with the server, by itself and however that ends, and begins nothing more by then', async () => {
  const code = `
    import { createProcessHelper } from ${JSON.stringify(join(import.meta.dirname, 'process-helper.ts'))}
    const run = createProcessHelper()
    const again = async () => {
      await run(${JSON.stringify(shell('true'))})
      setTimeout(again, 5)
    }
    void again()`
  const server = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
  const helpers = () => processesWith('process-worker')
  const helper = () => helpers().find((id) => parentOf(id) === server.pid)
  await vi.waitFor(() => expect(helper()).toBeDefined(), 10_000)
  const pid = helper() ?? 0
  server.kill('SIGKILL')
  await vi.waitFor(() => expect(helpers()).not.toContain(pid), 10_000)
})

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}
