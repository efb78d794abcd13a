// The bench's model in its own process, so that its work does not count as anybody else's.
import { createFakeModel } from '../fake-model/fake-model.ts'
import { type FakeRequest, promptScript, type Step } from '../fake-model/script.ts'
import { wallMs } from './clock.ts'
import { manyHunks, markedMarkdown, markedPatch, tokenChars } from './marked-text.ts'
import type { Question } from './model-process.ts'
import { readTask, taskPrompt } from './task.ts'

/** When each token of the latest marked text was sent. */
let sentAt: number[] = []
let bigStep: { readonly key: string; readonly text: string } | undefined

const fake = await createFakeModel({ script, charsPerToken: tokenChars })

function script(request: FakeRequest): readonly Step[] {
  const task = readTask(request.userText)
  if (task === undefined) return promptScript(request)
  const { rate: tokensPerSecond } = task
  if (task.kind === 'calls' && request.round < task.calls)
    return [
      {
        type: 'functionCall',
        name: 'read_file',
        text: JSON.stringify({ path: `${task.path}${request.round}` }),
        tokensPerSecond,
      },
    ]
  if (task.kind === 'job' && request.round < 2) {
    const { steps, tokens, rate } = task
    if (request.round > 0) return [{ type: 'functionCall', name: 'wait', text: '{}' }]
    return Array.from({ length: task.agents }, (_, i) => {
      const part = taskPrompt({ kind: 'agent', steps, tokens, rate, path: `out/agent${i}-` })
      return { type: 'functionCall', name: 'spawn', text: JSON.stringify({ task: part }) }
    })
  }
  if (task.kind === 'agent' && request.round < task.steps) {
    const { tokens, path } = task
    const lines = Array.from({ length: Math.ceil(tokens / 10) }, (_, i) => `+line ${i} of this file`)
    const file = `*** Add File: ${path}${request.round}.txt`
    const text = ['*** Begin Patch', file, ...lines, '*** End Patch'].join('\n')
    return [
      { type: 'text', tokens, tokensPerSecond },
      { type: 'customCall', name: 'apply_patch', text, tokensPerSecond },
    ]
  }
  if (request.round > 0 || task.kind === 'calls' || task.kind === 'job' || task.kind === 'agent')
    return [{ type: 'text', text: 'Done.' }]
  switch (task.kind) {
    case 'stamps':
      return [{ type: 'text', tokens: task.tokens, tokensPerSecond, stamp: 'monotonic' }]
    case 'read': {
      const newTokens = JSON.stringify(request.body.input).length / tokenChars
      return [
        { type: 'pause', ms: (newTokens / task.readRate) * 1000 },
        { type: 'text', tokens: task.tokens, tokensPerSecond, stamp: 'monotonic' },
      ]
    }
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
    case 'command': {
      const text = JSON.stringify({ command: task.command })
      return [{ type: 'functionCall', name: 'run_command', text, tokensPerSecond }]
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

function answerTo(ask: Question): unknown {
  switch (ask) {
    case 'sentAt':
      return sentAt
    case 'lastBody':
      return fake.requests.at(-1)?.body
    case 'cut':
      fake.dropConnections()
      return true
    case 'requests':
      return fake.requests.map(({ index, kind, at, endedAt, cutAt }) => ({ index, kind, at, endedAt, cutAt }))
  }
}

process.on('message', ({ id, ask }: { readonly id: number; readonly ask: Question }) => {
  process.send?.({ id, answer: answerTo(ask) })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ port: fake.port })
