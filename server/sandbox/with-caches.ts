import { existsSync } from 'node:fs'
import type { Runner } from './runner.ts'

/**
 * The same runner, whose commands may read these folders besides and change nothing in them: caches of package managers,
 * by the variable that names each to its program. One that is not there yet is left out.
 */
export function withCaches(runner: Runner, caches: Readonly<Record<string, string>>): Runner {
  return {
    kind: runner.kind,
    problem: () => runner.problem(),
    run(command) {
      const there = Object.entries(caches).filter(([, folder]) => existsSync(folder))
      return runner.run({
        ...command,
        readOnly: [...(command.readOnly ?? []), ...there.map(([, folder]) => folder)],
        env: { ...Object.fromEntries(there), ...command.env },
      })
    },
  }
}
