import { expect, test } from 'vitest'
import { textOf } from '../../core/document/document-text.ts'
import { randomInt, seededRandom } from '../../core/lib/random.ts'
import { createWorld, until } from '../testing/world.ts'

const hunks = 8
/** The core is cut a thousand times (EDIT-37); here everything between socket and model runs each time. */
const runs = 150
const lines = Array.from({ length: hunks * 4 }, (_, n) => `line ${n}`)
const targets = Array.from({ length: hunks }, (_, n) => n * 4 + 1)
const original = `${lines.join('\n')}\n`
const pathOf = (run: number) => `f${run}.txt`

function patchOf(run: number): string {
  return [
    '*** Begin Patch',
    `*** Update File: ${pathOf(run)}`,
    ...targets.flatMap((n) => ['@@', `-line ${n}`, `+LINE ${n}`, `+more of ${n}`]),
    '*** End Patch',
    '',
  ].join('\n')
}

/** What the model has to be told when that many hunks were finished. */
function told(run: number, kept: number): RegExp {
  if (kept === 0) return new RegExp(`stopped by the person.*Nothing was changed in ${pathOf(run)}`)
  const which = kept === 1 ? 'its first hunk was kept' : `its first ${kept} hunks were kept`
  // With all of them the file is as it was meant.
  const file = kept === hunks ? `M ${pathOf(run)}]` : `M ${pathOf(run)} \\(.*${which}.*\\)]`
  return new RegExp(`stopped by the person.*Updated the following files: ${file}`)
}

test('[RUN-20] redirected at any byte of eight hunks, while a person types: finished hunks stand to the letter, the half one is gone, hand edits are there, and the next request tells exactly that', async () => {
  const files = Object.fromEntries(Array.from({ length: runs }, (_, run) => [pathOf(run), original]))
  const world = await createWorld(files)
  const never = new Promise<never>(() => undefined)
  const seen = new Set<number>()
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(run + 1)
    const text = patchOf(run).slice(0, 1 + randomInt(random, patchOf(run).length))
    const sent = Promise.withResolvers<void>()
    world.model.script = ({ userText }) =>
      userText.includes('rather')
        ? [{ type: 'text', text: 'So be it.' }]
        : [
            {
              type: 'customCall',
              name: 'apply_patch',
              text,
              tokensPerSecond: 0,
              unfinished: true,
              onToken: () => sent.resolve(),
            },
            { type: 'hold', until: never },
          ]
    const opened = await world.documents.open(world.workspace.id, pathOf(run))
    if (!opened.ok) throw new Error('no document')
    const live = textOf(opened.value.doc)
    const thread = await world.newThread()
    const turnId = await thread.start('rewrite', { openPaths: [] }, 0)
    await sent.promise
    const marks = new Map<number, string>()
    for (let wait = randomInt(random, 8); wait >= 0; wait--) {
      const n = randomInt(random, hunks) * 4 + 3
      live.insert(`\n${live.toString()}`.indexOf(`\nline ${n}`) + `line ${n}`.length, ` typed${wait}`)
      marks.set(n, ` typed${wait}${marks.get(n) ?? ''}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await thread.control.redirect(turnId, { text: 'rather not', context: { openPaths: [] } }, 0)
    await until(() => thread.state().turns[0]?.settledAt !== undefined)
    const change = thread.state().turns[0]?.items.find((item) => item.type === 'fileChange')
    const all = change?.type === 'fileChange' ? change.files.flatMap((file) => file.hunks) : []
    const kept = all.filter(({ status }) => status === 'written').length
    seen.add(kept)
    const wanted = lines.map((line, n) => {
      const hunk = targets.indexOf(n)
      return hunk >= 0 && hunk < kept ? `LINE ${n}\nmore of ${n}` : `${line}${marks.get(n) ?? ''}`
    })
    expect(live.toString(), `run ${run}`).toBe(`${wanted.join('\n')}\n`)
    const request = world.model.requests.at(-1)?.body as { readonly input: unknown }
    const said = JSON.stringify(request.input).replaceAll('\\n', ' ')
    expect(said).toContain('rather not')
    if (all.length > 0) expect(said, `run ${run}`).toMatch(told(run, kept))
    await world.documents.flush(world.workspace.id)
    expect(world.read(pathOf(run))).toBe(live.toString())
  }
  // The control: it was cut in many places.
  expect(seen.size).toBeGreaterThan(5)
  expect(world.bugs).toEqual([])
  await world.close()
}, 60_000)
