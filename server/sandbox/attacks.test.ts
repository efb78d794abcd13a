import { spawn } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { processesWith } from '../testing/processes.ts'
import { type Weakness, weakenedBwrap } from '../testing/weakened-bwrap.ts'
import { systemTimers } from '../timers.ts'
import { createBwrapRunner } from './bwrap-runner.ts'
import { type BoundProcesses, kernelBound } from './process-bound.ts'
import { ran } from './runner.contract.ts'
import type { SandboxCommand } from './runner.ts'

// Each attack is run twice: it must fail in the sandbox and succeed with the defence taken away, or it shows nothing.

const newFolder = () => mkdtempSync(join(tmpdir(), 'tandem-attack-'))
const ownFolder = newFolder()

function sandbox(weakness?: Weakness, hidden: readonly string[] = []) {
  const program = weakness && weakenedBwrap(weakness)
  return createBwrapRunner({ timers: systemTimers, ownFolder, hidden, ...(program && { program }) })
}

/** What the command writes, in the sandbox and without the defence. */
async function attack(command: Omit<SandboxCommand, 'folder'> & { folder?: string }, weakness: Weakness) {
  const whole = { folder: newFolder(), ...command }
  const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr
  return {
    held: said(await ran(sandbox(), whole)),
    weak: said(await ran(sandbox(weakness), whole)),
  }
}

const machine = process.arch === 'arm64' ? 1 : 0
/** Calls the kernel by number and says how it answered. */
const call = (numbers: readonly [number, number], ...args: readonly (string | number)[]) =>
  `perl -e '$b="\\0"x256; $r=syscall(${[numbers[machine], ...args].join(',')}); print $r<0 ? "refused ".($!+0) : "done"'`

test('[SANDBOX-1] D01 the server’s environment is not to be read, not through the first process either', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'canary-key')
  const command = 'env; cat /proc/1/environ /proc/self/environ /proc/*/environ | tr "\\0" "\\n"'
  const { held, weak } = await attack({ command }, { before: 'export OPENAI_API_KEY' })
  vi.unstubAllEnvs()
  expect(held).toContain('HOME=/home/tandem')
  expect(held).not.toContain('canary-key')
  expect(weak).not.toContain('canary-key')
  const leaky = await attack({ command }, { before: 'export OPENAI_API_KEY=canary-key' })
  expect(leaky.weak).toContain('canary-key')
})

test('[SANDBOX-1] D01 nothing of the machine is to be read but programs and what they are configured by', async () => {
  const outside = newFolder()
  writeFileSync(join(outside, '.env'), 'canary-file')
  const command = `cat ${outside}/.env; ls /root /home /etc/shadow /var /sys /boot /mnt /srv; ls -a ~`
  const { held, weak } = await attack({ command }, { added: ['--ro-bind', outside, outside] })
  expect(held).not.toContain('canary-file')
  expect(held.match(/cannot access/g)).toHaveLength(7)
  expect(weak).toContain('canary-file')
})

test('[SANDBOX-1] the server’s data is out of sight even inside the folder', async () => {
  const folder = newFolder()
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'tandem.db'), 'canary-data')
  writeFileSync(join(folder, 'keys'), 'canary-data')
  const command = 'cat data/* keys; echo x > data/new; echo x > keys'
  const hidden = await ran(sandbox(undefined, [data, join(folder, 'keys')]), { command, folder })
  expect(hidden.stdout).not.toContain('canary')
  expect(readdirSync(data)).toEqual(['tandem.db'])
  expect(readFileSync(join(folder, 'keys'), 'utf8')).toBe('canary-data')
  expect((await ran(sandbox(), { command, folder })).stdout).toContain('canary')
})

test('[SANDBOX-2] D02 no file the server has open is handed on', async () => {
  const secret = join(newFolder(), 'secret')
  writeFileSync(secret, 'canary-open')
  openSync(secret, 'r')
  const command = 'echo /proc/self/fd/*; cat <&9'
  const inherited = `exec 9<${secret}`
  const launchedAsIs = 'all=("${all[@]//exec \\$fd>&-/:}")'
  const { weak } = await attack({ command }, { before: `${inherited}; ${launchedAsIs}` })
  const { weak: held } = await attack({ command }, { before: inherited })
  expect(held).toMatch(
    /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/3)?$/m,
  )
  expect(held).not.toContain('canary-open')
  expect(weak).toContain('canary-open')
})

test('[SANDBOX-3] D03 nothing outside its folder can be written', async () => {
  const sibling = newFolder()
  const command = `for f in ${sibling}/x /etc/x /usr/x /x /dev/x /proc/sys/kernel/hostname; do echo x > $f && echo "wrote $f"; done`
  const { held, weak } = await attack({ command }, { added: ['--bind', sibling, sibling] })
  expect(held).not.toContain('wrote')
  expect(weak).toContain(`wrote ${sibling}/x`)
})

test('[SANDBOX-3] D04 links in the folder lead nowhere', async () => {
  const [folder, outside] = [newFolder(), newFolder()]
  writeFileSync(join(outside, 'file'), 'canary-linked')
  symlinkSync(outside, join(folder, 'out'))
  const command = 'cat out/file; echo changed > out/file; ln out/file hard; cp -r out/ copy; ls copy'
  const { held, weak } = await attack({ command, folder }, { added: ['--bind', outside, outside] })
  expect(held).not.toContain('canary-linked')
  expect(weak).toContain('canary-linked')
})

test('[SANDBOX-3] folders it is shown to read stay as they are, and a job that may write nothing writes nothing', async () => {
  const [folder, shared] = [newFolder(), newFolder()]
  writeFileSync(join(shared, 'cache'), 'cached')
  const command = `cat ${shared}/cache; echo x > ${shared}/y; echo x > z`
  expect((await ran(sandbox(), { command, folder, readOnly: [shared] })).stdout).toBe('cached')
  expect([existsSync(join(shared, 'y')), existsSync(join(folder, 'z'))]).toEqual([false, true])
  const other = newFolder()
  await ran(sandbox(), { command, folder: other, writable: [], readOnly: [shared] })
  expect(readdirSync(other)).toEqual([])
})

test('[SANDBOX-4] D06 git’s own folder and what steers the server cannot be changed', async () => {
  const attempt = async (weakness?: Weakness) => {
    const folder = newFolder()
    mkdirSync(join(folder, '.git', 'hooks'), { recursive: true })
    writeFileSync(join(folder, '.git', 'config'), 'config')
    writeFileSync(join(folder, 'tandem.config.json'), '{}')
    const command = `cat .git/config; echo x > .git/hooks/pre-commit; echo x > .git/config; echo x > tandem.config.json
      mv .git aside; rm -rf .git; rm tandem.config.json; mv tandem.config.json aside`
    const strong = weakness && {
      without: ['.git', 'tandem.config.json'].map((name) => [
        '--ro-bind',
        join(folder, name),
        join(folder, name),
      ]),
    }
    const { stdout } = await ran(sandbox(strong), { command, folder })
    expect(stdout).toBe('config')
    const read = (name: string) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : 'gone'
    return [
      read('.git/config'),
      read('tandem.config.json'),
      existsSync(join(folder, '.git/hooks/pre-commit')),
    ]
  }
  expect(await attempt()).toEqual(['config', '{}', false])
  expect(await attempt({})).toEqual(['gone', 'gone', false])
})

test('[SANDBOX-14] D06 D08 repositories inside the folder, as submodules are, cannot be changed either', async () => {
  const attempt = async (isWeak: boolean) => {
    const folder = newFolder()
    mkdirSync(join(folder, 'packages/inner/.git/hooks'), { recursive: true })
    writeFileSync(join(folder, 'packages/inner/.git/config'), 'config')
    mkdirSync(join(folder, 'module'))
    writeFileSync(join(folder, 'module/.git'), 'gitdir: ../.git/modules/module')
    const paths = ['packages/inner/.git', 'module/.git'].map((name) => join(folder, name))
    const weakness = isWeak ? { without: paths.map((path) => ['--ro-bind', path, path]) } : undefined
    const command = `echo evil > packages/inner/.git/config; echo x > packages/inner/.git/hooks/post-checkout
      rm -rf packages/inner/.git; echo evil > module/.git; rm -f module/.git; echo fine > module/file`
    await ran(sandbox(weakness), { command, folder })
    expect(readFileSync(join(folder, 'module/file'), 'utf8')).toBe('fine\n')
    return paths.filter((path) => existsSync(path)).map((path) => path.slice(folder.length))
  }
  expect(await attempt(false)).toEqual(['/packages/inner/.git', '/module/.git'])
  expect(await attempt(true)).toEqual([])
})

test('[SANDBOX-4] D06 the file a worktree has for .git cannot be replaced', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, '.git'), 'gitdir: /somewhere')
  const command =
    'echo "gitdir: /evil" > .git; rm -f .git; mv .git x; echo "gitdir: /evil" > new; mv -f new .git'
  await ran(sandbox(), { command, folder })
  expect(readFileSync(join(folder, '.git'), 'utf8')).toBe('gitdir: /somewhere')
  await ran(sandbox({ without: [['--ro-bind', join(folder, '.git'), join(folder, '.git')]] }), {
    command,
    folder,
  })
  expect(readFileSync(join(folder, '.git'), 'utf8')).toBe('gitdir: /evil\n')
})

test('[SANDBOX-4] D06 names that are not there cannot be made, and nothing is left of what keeps them', async () => {
  const command =
    'mkdir -p .git/hooks; echo x > .git/config; rmdir .git; git init .; echo x > tandem.config.json'
  const folder = newFolder()
  const runner = sandbox(undefined, [join(folder, 'tandem.config.json')])
  const both = [1, 2].map((n) => ran(runner, { command: `${command}; sleep 0.${n}`, folder }))
  await Promise.all(both)
  expect(readdirSync(folder)).toEqual([])
  const open = newFolder()
  const without = ['.git', '.tandem', 'tandem.config.json'].map((name) => [
    '--ro-bind',
    join(open, name),
    join(open, name),
  ])
  await ran(sandbox({ without }), { command, folder: open })
  expect(readFileSync(join(open, '.git', 'config'), 'utf8')).not.toBe('')
})

test('[SANDBOX-4] a link in the place of a protected name keeps commands from running', async () => {
  const folder = newFolder()
  symlinkSync(newFolder(), join(folder, '.git'))
  await expect(ran(sandbox(), { command: 'touch ran', folder })).rejects.toThrow(/its \.git is a link/)
  expect(existsSync(join(folder, 'ran'))).toBe(false)
})

async function listening(path?: string): Promise<Server> {
  const server = createServer((socket) => socket.end('canary-net'))
  await new Promise<void>((resolve) => server.listen(path ?? { port: 0, host: '127.0.0.1' }, resolve))
  return server
}

test('[SANDBOX-5] D09 no network: neither this machine’s services nor anything else', async () => {
  const server = await listening()
  const abstract = await listening('\0tandem-attack')
  const { port } = server.address() as AddressInfo
  const node = (target: string) =>
    `node -e 'require("net").connect(${target}).on("data",(d)=>console.log(String(d))).on("error",(e)=>console.log("no "+e.code))'`
  const { held, weak } = await attack({ command: node(`${port},"127.0.0.1"`) }, { added: ['--share-net'] })
  expect([held, weak]).toEqual(['no ECONNREFUSED\n', 'canary-net\n'])
  const others = [
    node('"\\0tandem-attack"'),
    node('80,"169.254.169.254"'),
    node('53,"::1"'),
    `node -e 'require("dns").lookup("example.com",(e)=>console.log("no "+e.code))'`,
    `node -e 'const s=require("dgram").createSocket("udp4");s.send("x",53,"8.8.8.8",(e)=>{console.log("no "+e?.code);s.close()})'`,
    'ls /var/run/docker.sock /run/docker.sock || echo no EXIST',
  ]
  const { stdout } = await ran(sandbox(), { command: others.join('; '), folder: newFolder() })
  server.close()
  abstract.close()
  expect(stdout).toMatch(/^(no E\w+\n){6}$/)
})

test('[SANDBOX-5] D09 sockets of families that do not heed the network’s borders are refused', async () => {
  // AF_VSOCK and AF_ALG.
  for (const family of [40, 38]) {
    const { held, weak } = await attack(
      { command: call([41, 198], family, 5, 0) },
      { without: [['--seccomp', '3']] },
    )
    expect(held).toBe('refused 1')
    expect(weak).not.toBe('refused 1')
  }
})

test('[SANDBOX-6] D10 no user namespace inside: the namespace is closed and the filter refuses too', async () => {
  const command = 'unshare -U true && echo nested'
  const closed = ['--disable-userns']
  const filter = ['--seccomp', '3']
  const { held, weak } = await attack({ command }, { without: [closed, filter] })
  expect(held).not.toContain('nested')
  expect(weak).toContain('nested')
  for (const one of [closed, filter]) {
    expect((await attack({ command }, { without: [one] })).weak).not.toContain('nested')
  }
  const cloned = call([56, 220], 0x10000011, 0, 0, 0, 0)
  expect((await attack({ command: cloned }, { without: [filter] })).held).toBe('refused 1')
})

test('[SANDBOX-6] D11 calls that attacks on the kernel begin with are refused', async () => {
  const filter: Weakness = { without: [['--seccomp', '3']] }
  const calls = {
    ptrace: call([101, 117], 0, 0, 0, 0),
    keyctl: call([250, 219], 0, -3, 1),
    io_uring: call([425, 425], 1, '$b'),
    process_vm_readv: call([310, 270], '$$', '$b', 1, '$b', 1, 0),
    kcmp: call([312, 272], '$$', '$$', 0, 0, 1),
    unshareNet: call([272, 97], 0x40000000),
  }
  for (const [name, command] of Object.entries(calls)) {
    const { held, weak } = await attack({ command }, filter)
    expect(`${name} ${held}`).toBe(`${name} refused 1`)
    if (name !== 'unshareNet') expect(`${name} ${weak}`).not.toBe(`${name} refused 1`)
  }
  const others: readonly (readonly [number, number])[] = [
    [321, 280],
    [323, 282],
    [165, 40],
    [155, 41],
    [298, 241],
    [442, 442],
  ]
  for (const numbers of others) {
    expect((await ran(sandbox(), { command: call(numbers, 0, 0, 0, 0), folder: newFolder() })).stdout).toBe(
      'refused 1',
    )
  }
})

test('[SANDBOX-6] D11 nobody types into a terminal, and clone3 is said not to exist', async () => {
  const typed = `perl -e '$c="x"; ioctl(STDIN, 0x5412, $c) or print $!+0'`
  const { held, weak } = await attack({ command: typed }, { without: [['--seccomp', '3']] })
  expect([held, weak]).toEqual(['1', '25'])
  expect((await ran(sandbox(), { command: call([435, 435], '$b', 88), folder: newFolder() })).stdout).toBe(
    'refused 38',
  )
})

test('[SANDBOX-6] D11 no capability, no new privilege, no device, no process of the machine', async () => {
  const command = `grep -E '^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; kill -0 ${process.pid} && echo visible
    mknod null c 1 3 && echo device; mount -t tmpfs none . && echo mounted; ls /dev`
  const { held, weak } = await attack({ command }, { without: [['--unshare-all']], added: ['--unshare-uts'] })
  expect(held).toMatch(/CapPrm:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t0{16}\nNoNewPrivs:\t1\nSeccomp:\t2/)
  expect(held).not.toMatch(/visible|device|mounted|\bsd[a-z]|vda|kmsg|\bmem\b/)
  expect(weak).toContain('visible')
})

test('[SANDBOX-7] D12 what leaves its session and its parent ends with the command', async () => {
  const marker = `39.${process.pid}1`
  const command = `setsid nohup sleep ${marker} </dev/null >/dev/null 2>&1 & (setsid sh -c 'sleep ${marker} & exit' >/dev/null 2>&1 &) ; sleep 0.2; echo over`
  expect((await ran(sandbox(), { command, folder: newFolder() })).stdout).toBe('over\n')
  await vi.waitFor(() => expect(processesWith(marker)).toEqual([]), 1000)
  const weakness = { without: [['--unshare-all'], ['--die-with-parent']], added: ['--unshare-uts'] }
  await ran(sandbox(weakness), { command, folder: newFolder() })
  const survivors = processesWith(marker)
  for (const id of survivors) process.kill(id, 'SIGKILL')
  expect(survivors.length).toBeGreaterThan(0)
})

test('[SANDBOX-7] D12 F04 when the server is killed, its commands are gone within a second', async () => {
  const attempt = async (marker: string, program: string | undefined) => {
    const code = `
      import { createBwrapRunner } from ${JSON.stringify(join(import.meta.dirname, 'bwrap-runner.ts'))}
      import { systemTimers as timers } from ${JSON.stringify(join(import.meta.dirname, '../timers.ts'))}
      const runner = createBwrapRunner({ timers, hidden: [], ownFolder: ${JSON.stringify(ownFolder)}, ...${JSON.stringify({ program })} })
      await runner.run({ command: 'setsid sleep ${marker} & sleep ${marker}', folder: ${JSON.stringify(newFolder())} })`
    const server = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' })
    const ofSleep = () =>
      processesWith(marker).filter((id) => readFileSync(`/proc/${id}/comm`, 'utf8') === 'sleep\n')
    await vi.waitFor(() => expect(ofSleep().length).toBeGreaterThan(1), 10_000)
    server.kill('SIGKILL')
    await sleep(900)
    return ofSleep()
  }
  expect(await attempt(`38.${process.pid}1`, undefined)).toEqual([])
  const survivors = await attempt(`37.${process.pid}1`, weakenedBwrap({ without: [['--die-with-parent']] }))
  for (const id of survivors) process.kill(id, 'SIGKILL')
  expect(survivors.length).toBeGreaterThan(0)
})

test('[SANDBOX-8] D13 a fork bomb ends itself', async () => {
  // Doubles nine times and no more: where the defence is slow, the machine still answers.
  const bomb = 'f() { if [ $1 -gt 0 ]; then f $(($1-1)) & f $(($1-1)) & wait; else sleep 20; fi; }; f 9'
  const { cut, durationMs } = await ran(sandbox(), {
    command: bomb,
    folder: newFolder(),
    limits: { processes: 60, wallMs: 10_000 },
  })
  expect(['processes', 'none']).toContain(cut)
  expect(durationMs).toBeLessThan(5000)
  const few = { command: 'for n in $(seq 30); do sleep 0.3 & done; wait; echo all', folder: newFolder() }
  expect((await ran(sandbox(), { ...few, limits: { processes: 60 } })).stdout).toBe('all\n')
  expect((await ran(sandbox(), { ...few, limits: { processes: 10 } })).stdout).not.toBe('all\n')
})

test('[SANDBOX-13] D13 as root too the kernel itself lets no more processes come to be', async ({ skip }) => {
  skip(kernelBound === undefined, 'this kernel, or this user, has no such bound')
  // The watch over it looks away: it ends what the kernel does not keep from being.
  const timers = { ...systemTimers, every: () => () => undefined }
  const forks = `perl -e 'for (1..340) { $p = fork; last unless defined $p; if (!$p) { sleep 2; exit } $n++ } print $n'`
  const forked = async (boundProcesses: BoundProcesses | undefined) => {
    const runner = createBwrapRunner({ timers, ownFolder, hidden: [], boundProcesses })
    return Number(
      (await ran(runner, { command: forks, folder: newFolder(), limits: { processes: 19 } })).stdout,
    )
  }
  const before = readFileSync('/proc/sys/kernel/pid_max', 'utf8')
  expect(await forked(kernelBound)).toBeLessThan(320)
  expect(await forked(async () => undefined)).toBe(340)
  // Without a process namespace of its own there is nothing to bound: the number would be the machine's.
  await ran(sandbox({ without: [['--unshare-all']], added: ['--unshare-uts'] }), {
    command: 'true',
    folder: newFolder(),
  })
  expect(readFileSync('/proc/sys/kernel/pid_max', 'utf8')).toBe(before)
})

test('[SANDBOX-8] D13 memory is bounded, of one process and of all together', async () => {
  const limits = { memoryBytes: 128 * 2 ** 20 }
  const take = (mebibytes: number) =>
    `perl -e '$x="a"x(${mebibytes}<<20); sleep 1; print "had ${mebibytes}\\n"'`
  const run = (command: string) => ran(sandbox(), { command, folder: newFolder(), limits })
  expect((await run(take(50))).stdout).toBe('had 50\n')
  expect((await run(take(300))).stdout).toBe('')
  const together = await run(`${`${take(50)} & `.repeat(4)} wait`)
  expect(together).toMatchObject({ cut: 'memory', stdout: '' })
})

test('[SANDBOX-8] D13 files in memory are bounded too', async () => {
  const limits = { memoryBytes: 64 * 2 ** 20 }
  const size = ['--size', `${16 * 2 ** 20}`]
  const command =
    'for f in /tmp/x ~/x /dev/shm/x; do head -c 40000000 /dev/zero > $f && echo filled; rm -f $f; done'
  const { held, weak } = await attack({ command, limits }, { without: [size] })
  expect(held).not.toContain('filled')
  expect(weak.match(/filled/g)).toHaveLength(3)
})

test('[SANDBOX-8] D13 a command that fills the disk is ended', async () => {
  const command = 'for n in $(seq 200); do head -c 4000000 /dev/zero > file$n; sync file$n; done; echo filled'
  const limits = { diskBytes: 50_000_000 }
  expect(await ran(sandbox(), { command, folder: newFolder(), limits })).toMatchObject({
    cut: 'disk',
    stdout: '',
  })
})

test('[SANDBOX-9] D14 without a sandbox nothing runs, and what is missing and what to do is said', async () => {
  const attempt = async (program: string) => {
    const folder = newFolder()
    const runner = createBwrapRunner({ timers: systemTimers, ownFolder, hidden: [], program })
    const problem = await runner.problem()
    await expect(ran(runner, { command: 'touch ran', folder })).rejects.toThrow(problem)
    expect(readdirSync(folder)).toEqual([])
    return problem
  }
  expect(await attempt('/no/bwrap')).toMatch(/not on this machine\. Install it \(apt install bubblewrap/)
  expect(await attempt(weakenedBwrap({ added: ['--no-such-option'] }))).toMatch(/too old.*0\.8 or later/)
  const closed = 'echo "bwrap: No permissions to create new namespace" >&2; exit 1'
  expect(await attempt(weakenedBwrap({ before: closed }))).toMatch(
    /does not let bubblewrap.*apparmor.*unsafe-none/,
  )
  const folder = newFolder()
  await ran(sandbox(), { command: 'touch ran', folder })
  expect(readdirSync(folder)).toEqual(['ran'])
})

test('[SANDBOX-9] a sandbox that came to be after the first refusal is used', async () => {
  const program = join(newFolder(), 'bwrap')
  const runner = createBwrapRunner({ timers: systemTimers, ownFolder, hidden: [], program })
  expect(await runner.problem()).toBeDefined()
  linkSync(weakenedBwrap({}), program)
  expect(await runner.problem()).toBeUndefined()
})

test('[SANDBOX-10] D15 a script that a package runs when it is installed finds no key and no network', async () => {
  const server = await listening()
  const { port } = server.address() as AddressInfo
  vi.stubEnv('NPM_TOKEN', 'canary-token')
  const folder = newFolder()
  writeFileSync(
    join(folder, 'postinstall.js'),
    `const fs = require('fs')
    const seen = [process.env, ...['/proc/1/environ', process.env.HOME + '/.npmrc'].map((f) => { try { return fs.readFileSync(f, 'utf8') } catch { return '' } })]
    console.log(JSON.stringify(seen))
    require('net').connect(${port}, '127.0.0.1').on('data', (d) => console.log('sent ' + d)).on('error', (e) => console.log(e.code))`,
  )
  const { held, weak } = await attack(
    { command: 'node postinstall.js', folder },
    { added: ['--share-net'], before: 'export NPM_TOKEN=canary-token' },
  )
  vi.unstubAllEnvs()
  server.close()
  expect(held).toMatch(/ECONNREFUSED|ENETUNREACH/)
  expect(held).not.toContain('canary')
  expect(weak).toContain('canary-token')
  expect(weak).toContain('sent canary-net')
})
