import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { seededRandom } from '../../core/lib/random.ts'
import { findEngine, type WeakEngine, weakenedEngine } from '../testing/container-engine.ts'
import { processesWith } from '../testing/processes.ts'
import { systemTimers } from '../timers.ts'
import { containerLabel, createContainerRunner } from './container-runner.ts'
import { ran, runnerContract } from './runner.contract.ts'
import type { SandboxCommand } from './runner.ts'

// Each attack is run twice: it must fail in the container and succeed with the defence taken away, or it shows nothing.

// A script that calls an engine in a way this machine needs can be named.
const engine = findEngine(process.env.TANDEM_TEST_ENGINE)
const newFolder = () => mkdtempSync(join(tmpdir(), 'tandem-container-'))
const ownFolder = newFolder()
const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/' }
const random = seededRandom(process.pid)

function runner(
  given: { weakness?: WeakEngine; program?: string; image?: string; hidden?: readonly string[] } = {},
) {
  const { program = '', image = '' } = engine.missing === undefined ? engine : {}
  const own = given.program ?? (given.weakness ? weakenedEngine(program, given.weakness) : program)
  const { hidden = [] } = given
  return createContainerRunner({
    ...{ timers: systemTimers, random, ownFolder, hidden, env },
    program: own,
    image: given.image ?? image,
  })
}

/** What the command writes, in the container and without the defence. */
async function attack(command: Omit<SandboxCommand, 'folder'> & { folder?: string }, weakness: WeakEngine) {
  const whole = { folder: newFolder(), ...command }
  const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr
  return { held: said(await ran(runner(), whole)), weak: said(await ran(runner({ weakness }), whole)) }
}

test('[SANDBOX-60] D14 without an engine, with one that cannot be reached and without the image nothing runs, and what to do is said', async () => {
  const attempt = async (program: string, image = 'no/such:image') => {
    const folder = newFolder()
    const found = runner({ program, image })
    const problem = await found.problem()
    await expect(ran(found, { command: 'touch ran', folder })).rejects.toThrow(problem)
    expect(readdirSync(folder)).toEqual([])
    return problem
  }
  const script = (text: string) => {
    const file = join(newFolder(), 'engine')
    writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return file
  }
  expect(await attempt('/no/podman')).toMatch(
    /\/no\/podman, which is not on this machine.*container\.program.*unsafe-none/,
  )
  const closed = script(
    'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1',
  )
  expect(await attempt(closed)).toMatch(/cannot be used here \(Cannot connect to the Docker daemon.*Start it/)
  const without = script('echo "Error: no such image: no such image no/such:image" >&2; exit 125')
  expect(await attempt(without)).toMatch(
    /The image no\/such:image .* is not on this machine\. Fetch it: .* pull no\/such:image/,
  )
  const refusing = script('[ "$1" = create ] && { echo "Error: no space left" >&2; exit 125; }; exit 0')
  expect(await attempt(refusing)).toMatch(/could not be set up: Error: no space left/)
})

test('[SANDBOX-60] D14 an engine that is there and reaches no daemon is told of as it says it itself', async ({
  skip,
}) => {
  const said = spawnSync('docker', ['info'], { encoding: 'utf8' })
  skip(said.error !== undefined || said.status === 0, 'there is no docker here that reaches no daemon')
  const found = runner({ program: 'docker', image: 'busybox' })
  expect(await found.problem()).toMatch(/docker cannot be used here \(.*daemon/i)
})

if (engine.missing !== undefined) {
  const { missing } = engine
  test('[SANDBOX-61] containers', ({ skip }) => skip(`no engine runs containers here: ${missing}`))
} else {
  runnerContract('in containers', () => runner(), { slowMs: 4000, timeout: 60_000 })
}

describe.skipIf(engine.missing !== undefined)('in containers', { timeout: 60_000 }, () => {
  test('[SANDBOX-61] D01 C10 nothing of the machine is seen but the folder, and no environment of the server', async () => {
    const outside = newFolder()
    writeFileSync(join(outside, 'key'), 'canary-file')
    vi.stubEnv('OPENAI_API_KEY', 'canary-key')
    const command = `cat ${outside}/key; env; cat /proc/1/environ; ls /root /home /etc/shadow; echo end`
    const { held, weak } = await attack({ command }, { added: ['--volume', `${outside}:${outside}`] })
    vi.unstubAllEnvs()
    expect(held).toContain('end')
    expect(held).not.toContain('canary')
    expect(weak).toContain('canary-file')
  })

  test('[SANDBOX-61] D03 D04 it writes in its folder alone; the rest is read-only, and no link leads out', async () => {
    const [folder, outside] = [newFolder(), newFolder()]
    writeFileSync(join(outside, 'file'), 'canary-linked')
    symlinkSync(outside, join(folder, 'out'))
    const command =
      'cat out/file; for f in /x /bin/x /etc/x; do echo x > $f && echo "wrote $f"; done; echo y > made'
    const { held, weak } = await attack({ command, folder }, { without: [['--read-only']] })
    expect(held).not.toMatch(/wrote|canary/)
    expect(weak).toContain('wrote /bin/x')
    expect(readFileSync(join(folder, 'made'), 'utf8')).toBe('y\n')
  })

  test('[SANDBOX-61] D06 git’s folder and what steers the server cannot be changed or made, and the server’s data is out of sight', async () => {
    const attempt = async (isWeak: boolean) => {
      const folder = newFolder()
      mkdirSync(join(folder, '.git/hooks'), { recursive: true })
      mkdirSync(join(folder, 'data'))
      for (const name of ['.git/config', 'data/db', 'key'])
        writeFileSync(join(folder, name), `canary ${name}`)
      const [git, data, key] = ['.git', 'data', 'key'].map((name) => join(folder, name))
      const weakness = {
        without: [
          ['--mount', `type=bind,source=${git},target=${git},readonly`],
          ['--mount', `type=bind,source=${join(ownFolder, 'nothing')},target=${data},readonly`],
          ['--mount', `type=bind,source=${join(ownFolder, 'empty')},target=${key},readonly`],
        ],
      }
      const command =
        'cat data/db key; echo x > .git/hooks/pre-commit; rm -rf .git/config; mkdir .tandem/x; echo end'
      const hidden = [data ?? '', key ?? '']
      const { stdout } = await ran(runner({ hidden, ...(isWeak && { weakness }) }), { command, folder })
      return [stdout, existsSync(join(folder, '.git/config')), readdirSync(folder).includes('.tandem')]
    }
    expect(await attempt(false)).toEqual(['end\n', true, false])
    expect(await attempt(true)).toEqual(['canary data/dbcanary keyend\n', false, false])
  })

  test('[SANDBOX-61] D09 it reaches no network and no service of this machine', async () => {
    const server = createServer((socket) => socket.end('canary-net'))
    await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
    const { port } = server.address() as AddressInfo
    const command = `cat < /dev/tcp/127.0.0.1/${port}; echo end`
    const open = { without: [['--network', 'none']], added: ['--network', 'host'] }
    const { held, weak } = await attack({ command }, open)
    server.close()
    expect(held).toMatch(/refused|unreachable/)
    expect(held).not.toContain('canary')
    expect(weak).toContain('canary-net')
  })

  test('[SANDBOX-61] D10 D11 no capability, no new privilege, no namespace of its own', async () => {
    const command =
      "grep -E '^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; mount -t tmpfs none /tmp && echo mounted; ls /dev"
    const without = [
      ['--cap-drop', 'ALL'],
      ['--security-opt', 'no-new-privileges'],
    ]
    const { held, weak } = await attack({ command }, { without })
    expect(held).toMatch(/CapPrm:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2/)
    expect(held).not.toMatch(/mounted|\bsd[a-z]|vda|kmsg|\bmem\b/)
    expect(weak).toMatch(/NoNewPrivs:\t0/)
    expect(weak).not.toMatch(/CapBnd:\t0{16}/)
  })

  test('[SANDBOX-62] D13 processes, memory and files are bounded, and a bound that is passed is named', async () => {
    const forks = `LC_ALL=C perl -e 'for (1..120) { $p = fork; last unless defined $p; if (!$p) { sleep 2; exit } $n++ } print $n'`
    const bound = { processes: 40 }
    const few = await attack({ command: forks, limits: bound }, { without: [['--pids-limit', '40']] })
    expect(Number(few.held)).toBeLessThan(40)
    expect(Number(few.weak)).toBe(120)
    const limits = { memoryBytes: 64 * 2 ** 20 }
    const take = { command: ['perl', '-e', '$x = "a" x (150 << 20); print "had it"'], limits }
    const memory = `${limits.memoryBytes}`
    const weakness = { without: [['--memory', memory, '--memory-swap', memory]] }
    expect(await ran(runner(), { ...take, folder: newFolder() })).toMatchObject({
      cut: 'memory',
      exit: undefined,
      stdout: '',
    })
    expect(await ran(runner({ weakness }), { ...take, folder: newFolder() })).toMatchObject({
      stdout: 'had it',
    })
    const fill =
      'for f in /tmp/x ~/x /dev/shm/x; do head -c 40000000 /dev/zero > $f && echo filled; rm -f $f; done'
    expect((await ran(runner(), { command: fill, limits, folder: newFolder() })).stdout).toBe('')
  })

  test('[SANDBOX-63] D12 after a command there is no container and no process of it, whatever it detached', async () => {
    const marker = `36.${process.pid}1`
    const command = `setsid nohup sleep ${marker} </dev/null >/dev/null 2>&1 & (setsid sh -c 'sleep ${marker}' >/dev/null 2>&1 &); sleep 0.2; echo over`
    expect((await ran(runner(), { command, folder: newFolder() })).stdout).toBe('over\n')
    expect(processesWith(marker)).toEqual([])
    expect(containers()).toEqual([])
    const stopped = await ran(runner(), {
      command: `sleep ${marker}`,
      folder: newFolder(),
      limits: { wallMs: 300 },
    })
    expect(stopped.cut).toBe('time')
    expect([processesWith(marker), containers()]).toEqual([[], []])
  })

  test('[SANDBOX-63] D12 F04 when the server is killed its commands end, and the next one removes what is left', async () => {
    const marker = `35.${process.pid}1`
    if (engine.missing !== undefined) return
    const { program, image } = engine
    const server = (own: string) => {
      const code = `
        import { createContainerRunner } from ${JSON.stringify(join(import.meta.dirname, 'container-runner.ts'))}
        import { systemTimers as timers } from ${JSON.stringify(join(import.meta.dirname, '../timers.ts'))}
        const runner = createContainerRunner({ timers, random: { next: Math.random }, hidden: [], ...${JSON.stringify({ ownFolder, image, env, program: own })} })
        await runner.run({ command: 'setsid sleep ${marker} & sleep ${marker}', folder: ${JSON.stringify(newFolder())} })`
      return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
    }
    const ofSleep = () =>
      processesWith(marker).filter((id) => readFileSync(`/proc/${id}/comm`, 'utf8') === 'sleep\n')
    const first = server(program)
    await vi.waitFor(() => expect(ofSleep().length).toBeGreaterThan(1), 20_000)
    first.kill('SIGKILL')
    await vi.waitFor(() => expect(ofSleep()).toEqual([]), 5000)
    // Held on to by something else they go on, until there is a server again.
    const second = server(weakenedEngine(program, { heldSeconds: 60 }))
    await vi.waitFor(() => expect(ofSleep().length).toBeGreaterThan(1), 20_000)
    second.kill('SIGKILL')
    await sleep(2000)
    expect(ofSleep().length).toBeGreaterThan(1)
    expect(await runner().problem()).toBeUndefined()
    expect([ofSleep(), containers()]).toEqual([[], []])
  })
})

/** Of this test's server: others on the machine have their own. */
function containers(): readonly string[] {
  if (engine.missing !== undefined) return []
  const asked = ['ps', '--all', '--quiet', '--filter', `label=${containerLabel(ownFolder)}`]
  return spawnSync(engine.program, asked, { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((id) => id !== '')
}
