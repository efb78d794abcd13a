import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBwrapRunner } from '../../server/sandbox/bwrap-runner.ts'
import type { Runner } from '../../server/sandbox/runner.ts'
import { createUnsafeRunner } from '../../server/sandbox/unsafe-runner.ts'
import { systemTimers as timers } from '../../server/timers.ts'
import { type Row, row } from '../lib/row.ts'
import { quantile } from '../lib/stats.ts'

/** From asking for a command to the first thing it says, and to its end; beside that of a bare process. */
export async function measureSandbox({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 30 : 200
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  try {
    const ownFolder = join(folder, 'own')
    const sandbox = await measure(createBwrapRunner({ timers, ownFolder, hidden: [] }), folder, runs)
    const bare = await measure(createUnsafeRunner({ timers }), folder, runs)
    return [
      row('sandbox.start.p50', 'ms', [quantile(sandbox.first, 0.5)]),
      row('sandbox.start.p95', 'ms', [quantile(sandbox.first, 0.95)], 100),
      row('sandbox.whole.p95', 'ms', [quantile(sandbox.whole, 0.95)]),
      row('sandbox.bare.p50', 'ms', [quantile(bare.first, 0.5)]),
      row('sandbox.bare.p95', 'ms', [quantile(bare.first, 0.95)]),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(runner: Runner, folder: string, runs: number) {
  const first: number[] = []
  const whole: number[] = []
  // The first one checks that there is a sandbox.
  for (let run = -1; run < runs; run++) {
    const startedAt = performance.now()
    let heardAt: number | undefined
    const { exit } = await runner.run({
      command: 'echo here',
      folder,
      onOutput: () => {
        heardAt ??= performance.now()
      },
    })
    if (exit !== 0 || heardAt === undefined) throw new Error(`a command failed (${exit})`)
    if (run < 0) continue
    first.push(heardAt - startedAt)
    whole.push(performance.now() - startedAt)
  }
  return { first, whole }
}
