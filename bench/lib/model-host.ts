// The bench's model in its own process, so that its work does not count as anybody else's.
import { createFakeModel } from '../fake-model/fake-model.ts'
import { type FakeRequest, promptScript, type Step } from '../fake-model/script.ts'
import { wallMs } from './clock.ts'
import { manyHunks, markedMarkdown, markedPatch, tokenChars } from './marked-text.ts'
import { readTask } from './task.ts'

/** When each token of the latest marked text was sent. */
let sentAt: number[] = []
let bigStep: { readonly key: string; readonly text: string } | undefined

const fake = await createFakeModel({ script, charsPerToken: tokenChars })

function script(request: FakeRequest): readonly Step[] {
  const task = readTask(request.userText)
  if (task === undefined) return promptScript(request)
  if (request.round > 0) return [{ type: 'text', text: 'Done.' }]
  const { rate: tokensPerSecond } = task
  switch (task.kind) {
    case 'stamps':
      return [{ type: 'text', tokens: task.tokens, tokensPerSecond, stamp: 'monotonic' }]
    case 'prose':
      return [{ type: 'text', tokens: task.tokens, tokensPerSecond }]
    case 'chat': {
      const text = prepared(`chat ${task.tokens}`, () => markedMarkdown(task.tokens))
      return [{ type: 'text', text, tokensPerSecond, onToken: noteTokens() }]
    }
    case 'edits': {
      const text = prepared(`edits ${task.tokens} ${task.path}`, () => markedPatch(task.path, task.tokens))
      return [
        { type: 'text', text: 'I add the lines now.' },
        { type: 'customCall', name: 'apply_patch', text, tokensPerSecond, onToken: noteTokens() },
      ]
    }
    case 'hunks':
      return [
        { type: 'customCall', name: 'apply_patch', text: manyHunks(task.path, task.hunks), tokensPerSecond },
      ]
  }
}

function prepared(key: string, make: () => string): string {
  if (bigStep?.key !== key) bigStep = { key, text: make() }
  return bigStep.text
}

function noteTokens(): (index: number) => void {
  const times: number[] = []
  sentAt = times
  return (index) => {
    times[index] = wallMs()
  }
}

process.on('message', (message: { readonly id: number; readonly ask: 'requests' | 'sentAt' | 'close' }) => {
  if (message.ask === 'close') process.exit(0)
  const answer =
    message.ask === 'sentAt'
      ? sentAt
      : fake.requests.map(({ index, kind, at, endedAt, cutAt }) => ({ index, kind, at, endedAt, cutAt }))
  process.send?.({ id: message.id, answer })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ port: fake.port })
