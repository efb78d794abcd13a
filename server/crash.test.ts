import { expect, test } from 'vitest'
import { runCrashPoints } from '../scripts/lib/crash-run.ts'

const nodeFlags = ['--import', new URL('../scripts/lib/without-pages.mjs', import.meta.url).href]

// `npm test` goes on to all points with 61 kills, `npm run nightly` with 1,000.
test('[CRASH-1] F03 a server that is killed at named points of jobs does every job once', {
  timeout: 180_000,
}, async () => {
  const { kills, problems, unreached } = await runCrashPoints({ seed: 3, kills: 8, nodeFlags })
  expect({ kills, problems, unreached }).toEqual({ kills: 8, problems: [], unreached: [] })
})
