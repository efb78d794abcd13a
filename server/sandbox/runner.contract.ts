import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CommandResult, OutputPiece, Runner, SandboxCommand } from './runner.ts'

export interface Ran extends CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly pieces: readonly OutputPiece[]
}

/** Runs it and keeps what it wrote. */
export async function ran(runner: Runner, command: SandboxCommand): Promise<Ran> {
  const pieces: OutputPiece[] = []
  const result = await runner.run({ ...command, onOutput: (piece) => pieces.push(piece) })
  const text = (stream: 'stdout' | 'stderr') =>
    pieces.map((piece) => (piece.stream === stream ? piece.text : '')).join('')
  return { ...result, stdout: text('stdout'), stderr: text('stderr'), pieces }
}

/** What every runner does, sandbox or not. */
export function runnerContract(
  name: string,
  create: () => Runner,
  /** How much longer a command takes to begin and to end than a process does. */
  { slowMs = 0, timeout = 5000 }: { readonly slowMs?: number; readonly timeout?: number } = {},
): void {
  describe(name, { timeout }, () => {
    let folder = ''
    let runner: Runner
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tandem-runner-'))
      runner = create()
    })
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    test('[RUNNER-1] a line goes to a shell, a list is a program with its arguments taken literally', async () => {
      expect(await ran(runner, { command: 'echo a && echo b >&2; exit 3', folder })).toMatchObject({
        exit: 3,
        cut: 'none',
        stdout: 'a\n',
        stderr: 'b\n',
      })
      expect(await ran(runner, { command: ['echo', '$HOME; exit 1', '*'], folder })).toMatchObject({
        exit: 0,
        stdout: '$HOME; exit 1 *\n',
      })
    })

    test('[RUNNER-1] it runs in its folder and what it writes there stays', async () => {
      expect((await ran(runner, { command: 'pwd; echo text > made.txt', folder })).stdout).toBe(`${folder}\n`)
      expect(readFileSync(join(folder, 'made.txt'), 'utf8')).toBe('text\n')
    })

    test('[RUNNER-2] the environment is what is named and the few things every program needs', async () => {
      vi.stubEnv('TANDEM_TEST_CANARY', 'canary')
      const { stdout } = await ran(runner, { command: 'env', folder, env: { NAMED: 'yes' } })
      vi.unstubAllEnvs()
      const names = stdout.match(/^[A-Z_]+(?==)/gm)?.filter((found) => !/^(PWD|SHLVL|_)$/.test(found))
      expect(names?.sort()).toEqual(['HOME', 'LANG', 'NAMED', 'PATH', 'TERM'])
      expect(stdout).not.toContain('canary')
    })

    test('[RUNNER-3] output comes while the command runs, whole characters only', async () => {
      const seen: string[] = []
      const { promise: first, resolve } = Promise.withResolvers<void>()
      const stop = new AbortController()
      const done = runner.run({
        command: "printf 'gr\\xc3'; sleep 0.2; printf '\\xbc\\xc3\\x9fe\\n'; sleep 60",
        folder,
        signal: stop.signal,
        onOutput(piece) {
          if (piece.stream === 'stdout') seen.push(piece.text)
          if (seen.join('') === 'grüße\n') resolve()
        },
      })
      await first
      expect(seen).not.toContain('\ufffd')
      stop.abort()
      expect(await done).toMatchObject({ cut: 'stopped', exit: undefined })
    })

    test('[RUNNER-4] a command that takes too long is ended with all it started', async () => {
      const command = "(sleep 1; touch late) & (trap '' TERM INT HUP; sleep 1; touch later)"
      const { cut, exit, durationMs } = await ran(runner, { command, folder, limits: { wallMs: 300 } })
      expect({ cut, exit }).toEqual({ cut: 'time', exit: undefined })
      expect(durationMs).toBeLessThan(2000 + slowMs)
      await sleep(1300)
      expect([existsSync(join(folder, 'late')), existsSync(join(folder, 'later'))]).toEqual([false, false])
    })

    test('[RUNNER-4] what a command leaves in the background ends with it', async () => {
      const { exit, durationMs } = await ran(runner, { command: '(sleep 1; touch late) & echo done', folder })
      expect(exit).toBe(0)
      expect(durationMs).toBeLessThan(900 + slowMs)
      await sleep(1200)
      expect(existsSync(join(folder, 'late'))).toBe(false)
    })

    test('[RUNNER-5] of long output the beginning and the end are kept, and how much lay between is said', async () => {
      const limits = { outputBytes: 2000 }
      const { pieces, stdout, ...result } = await ran(runner, { command: 'seq 1 10000', folder, limits })
      expect(result).toMatchObject({ exit: 0, cut: 'none', outputBytes: 48_894, droppedBytes: 46_894 })
      expect(stdout.startsWith('1\n2\n3\n')).toBe(true)
      expect(stdout.endsWith('\n9999\n10000\n')).toBe(true)
      expect(stdout).toHaveLength(2000)
      expect(pieces.filter(({ stream }) => stream === 'cut')).toEqual([{ stream: 'cut', bytes: 46_894 }])
    })

    test('[RUNNER-5] a flood of output ends the command', async () => {
      const { cut, exit, stdout } = await ran(runner, {
        command: 'yes',
        folder,
        limits: { outputBytes: 10_000 },
      })
      expect({ cut, exit }).toEqual({ cut: 'output', exit: undefined })
      expect(stdout).toHaveLength(10_000)
    })

    test('[RUNNER-6] no file grows beyond its limit', async () => {
      const { exit } = await ran(runner, {
        command: 'head -c 3000000 /dev/zero > big',
        folder,
        limits: { fileBytes: 2 ** 20 },
      })
      expect(exit).not.toBe(0)
      expect(readFileSync(join(folder, 'big')).length).toBeLessThanOrEqual(2 ** 20)
    })

    test('[RUNNER-7] a command that was stopped before it began does not run on', async () => {
      const command = 'sleep 1; touch ran'
      // At every moment of its setting up.
      const signals = [
        AbortSignal.abort(),
        ...Array.from({ length: 12 }, (_, n) => AbortSignal.timeout(n * 3)),
      ]
      const ends = await Promise.all(signals.map((signal) => ran(runner, { command, folder, signal })))
      expect(new Set(ends.map(({ cut }) => cut))).toEqual(new Set(['stopped']))
      await sleep(1200)
      expect(existsSync(join(folder, 'ran'))).toBe(false)
    })

    test('[RUNNER-8] a command that does not exist, and one whose folder is gone, say so', async () => {
      expect((await ran(runner, { command: 'no-such-program', folder })).exit).toBe(127)
      const gone = join(folder, 'gone')
      await expect(ran(runner, { command: 'true', folder: gone })).rejects.toThrow(/cannot (run|be started)/)
    })
  })
}
