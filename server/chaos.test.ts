import { describe, expect, test } from 'vitest'
import { checkText, type Problem } from '../scripts/lib/chaos-check.ts'
import { runJobChaos } from '../scripts/lib/chaos-jobs.ts'
import type { TypedLedger } from '../scripts/lib/chaos-person.ts'
import { runChaos } from '../scripts/lib/chaos-run.ts'
import { fileText, type Slot, typedCharacter } from '../scripts/lib/chaos-text.ts'

const nodeFlags = ['--import', new URL('../scripts/lib/without-pages.mjs', import.meta.url).href]

describe('a server that is killed', () => {
  test('[CHAOS-1] keeps what it acknowledged', { timeout: 90_000 }, async () => {
    const { kills, problems } = await runChaos({ seed: 1, kills: 3, nodeFlags })
    expect({ kills, problems }).toEqual({ kills: 3, problems: [] })
  })

  test('[CHAOS-20] leaves no rewind by half', { timeout: 90_000 }, async () => {
    const { kills, problems } = await runChaos({ seed: 4, kills: 2, nodeFlags })
    expect({ kills, problems }).toEqual({ kills: 2, problems: [] })
  })

  test('[CHAOS-2] leaves nothing twice or by half', { timeout: 90_000 }, async () => {
    const { kills, problems } = await runChaos({ seed: 3, kills: 3, nodeFlags })
    expect({ kills, problems }).toEqual({ kills: 3, problems: [] })
  })
})

test('[CHAOS-4] jobs of a killed server are done with every step once', { timeout: 90_000 }, async () => {
  const { kills, problems } = await runJobChaos({ seed: 1, kills: 4, nodeFlags })
  expect({ kills, problems }).toEqual({ kills: 4, problems: [] })
})

describe('a run', () => {
  const slots: readonly Slot[] = [0, 1, 2].map((id) => ({ id, path: 'a.txt' }))
  const [first, second] = [typedCharacter(0), typedCharacter(1)]
  const typed: TypedLedger = new Map([
    [first, { path: 'a.txt', acknowledged: true, mayBeLost: false }],
    [second, { path: 'a.txt', acknowledged: false, mayBeLost: false }],
  ])
  const whole = `${first}${fileText(slots, (slot) => (slot === 1 ? 7 : 0))}`
  const logged = new Map([[1, 7]])

  function problemsOf(text: string, isRejoined = false): readonly Problem['kind'][] {
    const kinds: Problem['kind'][] = []
    checkText('a.txt', text, {
      slots,
      logged,
      unsure: new Set(),
      typed,
      isRejoined,
      report: (kind) => kinds.push(kind),
    })
    return kinds
  }

  test('[CHAOS-3] is content with a text that is as it should be', () => {
    expect(problemsOf(whole)).toEqual([])
    expect(problemsOf(`${second}${whole}`, true)).toEqual([])
  })

  test('[CHAOS-3] fails for a typed character that was lost or doubled', () => {
    expect(problemsOf(whole.slice(1))).toEqual(['lost'])
    expect(problemsOf(whole, true)).toEqual(['lost'])
    expect(problemsOf(`${first}${whole}`)).toEqual(['doubled'])
  })

  test('[CHAOS-3] fails for a hunk that was lost, torn, doubled or never finished', () => {
    const before = `${first}${fileText(slots, () => 0)}`
    expect(problemsOf(before)).toEqual(['lost'])
    expect(problemsOf(whole.replace('slot 1 version 7 end\n', ''))).toEqual(['broken'])
    expect(problemsOf(whole.replace(/(slot 1 version 7 [\s\S]*end\n)(?=note 2)/, '$1$1'))).toEqual(['broken'])
    expect(problemsOf(`${first}${fileText(slots, (slot) => (slot === 1 ? 7 : 9))}`)).toContain('broken')
  })
})
