import { afterEach, expect, test } from 'vitest'
import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import { createWorld, type Speech, until, type World } from '../testing/world.ts'

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    expect(world.bugs).toEqual([])
    await world.close()
  }
})

const speeches: readonly Speech[] = [
  { api: 'responses', tools: 'custom' },
  { api: 'chat', tools: 'function' },
  { api: 'chat', tools: 'none' },
]
const askedFor = ({ body }: Pick<FakeRequest, 'body'>) =>
  Number(body.max_output_tokens ?? body.max_completion_tokens ?? body.max_tokens)
const limit: Step = { type: 'fault', fault: { type: 'incomplete', reason: 'max_output_tokens' } }

async function speak(speech: Speech, files: Readonly<Record<string, string>> = {}): Promise<World> {
  const world = await createWorld(files, {
    speech,
    window: { contextWindow: 60_000, maxOutputTokens: 20_000 },
  })
  worlds.push(world)
  return world
}

test.each(speeches)(
  '[SIZE-5] text that reaches what was asked for goes on as one message: %o',
  async (speech) => {
    const world = await speak(speech)
    const asked: number[] = []
    world.model.script = (request) => {
      asked.push(askedFor(request))
      if (asked.length > 1) return [{ type: 'text', text: 'tence.\n' }]
      return [{ type: 'text', text: 'The first line.\nHalf a sen', unfinished: true }, limit]
    }
    const turn = await world.ask(await world.newThread(), 'tell me')
    expect(turn.status).toBe('completed')
    const texts = turn.items.flatMap((item) => (item.type === 'agentMessage' ? item.text : []))
    expect(texts.join('').trim()).toBe('The first line.\nHalf a sentence.')
    expect(texts).toHaveLength(1)
    expect(asked).toEqual([8192, 20_000])
  },
)

test.each(speeches)(
  '[SIZE-5] an edit that is cut off in its second hunk stands whole at the end: %o',
  async (speech) => {
    const lines = Array.from({ length: 40 }, (_, line) => `line ${line}\n`)
    const world = await speak(speech, { 'a.txt': lines.join('') })
    const blocks = speech.tools === 'none'
    const hunk = (line: number) =>
      blocks
        ? `a.txt\n<<<<<<< SEARCH\nline ${line}\n=======\nLINE ${line}\n>>>>>>> REPLACE\n`
        : `@@\n-line ${line}\n+LINE ${line}\n`
    const edit = (text: string, unfinished: boolean): Step =>
      blocks
        ? { type: 'text', text, unfinished }
        : {
            type: 'customCall',
            name: 'apply_patch',
            text: `*** Begin Patch\n*** Update File: a.txt\n${text}`,
            unfinished,
          }
    const end = blocks ? '' : '*** End Patch'
    let requests = 0
    world.model.script = () => {
      requests++
      if (requests === 1) return [edit(hunk(3) + hunk(30).slice(0, -14), true), limit]
      return requests === 2 ? [edit(hunk(30) + end, false)] : [{ type: 'text', text: 'Done.' }]
    }
    const turn = await world.ask(await world.newThread(), 'shout')
    expect(turn).toMatchObject({ status: 'completed' })
    await world.documents.flush(world.workspace.id)
    const wanted = lines.map((line) => (/ (3|30)\n/.test(line) ? line.toUpperCase() : line)).join('')
    expect(world.read('a.txt')).toBe(wanted)
  },
)

test('[SIZE-6] a summary that does not end within what was asked for is asked for again, with more', async () => {
  const world = await speak({ api: 'responses', tools: 'custom' })
  const asked: number[] = []
  world.model.script = (request) => {
    if (!JSON.stringify(request.body).includes('<conversation>')) return [{ type: 'text', text: 'Heard.' }]
    asked.push(askedFor(request))
    if (asked.length > 1) return [{ type: 'text', text: 'All of it.' }]
    return [{ type: 'text', text: 'Half of', unfinished: true }, limit]
  }
  const thread = await world.newThread()
  for (const text of ['one', 'two', 'three', 'four']) await world.ask(thread, text)
  await thread.compactor.request()
  await until(() => thread.state().compactions !== undefined)
  expect(thread.state().compactions).toMatchObject([{ summary: 'All of it.' }])
  expect(asked).toEqual([3072, 8192])
})
