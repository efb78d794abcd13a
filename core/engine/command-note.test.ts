import { expect, test } from 'vitest'
import { type CommandResult, commandIdSchema, type ThreadCommand } from '../protocol/command.ts'
import { turnIdSchema } from '../protocol/ids.ts'
import { limits } from '../protocol/limits.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import { guestEvent, guestThread } from '../state/guest-view.ts'
import { reduceThread } from '../state/thread-reducer.ts'
import { EngineStory } from '../testing/engine-story.ts'
import { commandNote } from './command-note.ts'

const done: CommandResult = { exit: 0, cut: 'none', durationMs: 5, droppedBytes: 0 }

function ran(thread: ThreadState, name: string, output: string, result: CommandResult | 'none' = done) {
  const id = commandIdSchema.parse(`cmd_${name}`)
  const command: ThreadCommand = { id, text: `run ${name}`, startedAt: 1, output: '' }
  const events: ThreadEvent[] = [
    { type: 'command/started', command },
    { type: 'command/output', commandId: id, offset: 0, text: output },
    // Told twice.
    { type: 'command/output', commandId: id, offset: 0, text: output },
    ...(result !== 'none' ? [{ type: 'command/settled' as const, commandId: id, result }] : []),
  ]
  return { events, thread: events.reduce<ThreadState>(reduceThread, thread) }
}

const begin = (thread: ThreadState) =>
  reduceThread(thread, {
    type: 'turn/started',
    turnId: turnIdSchema.parse('trn_9'),
    modelId: 'm',
    mode: 'live',
    at: 9,
  })

test('[RUNNER-21] the model is told once what people ran since it was asked last: end of the output, how it ended', () => {
  const { thread: one } = ran(new EngineStory().state.thread, 'a', '\u001b[31mfailed\u001b[0m\n', {
    ...done,
    exit: 1,
  })
  const { thread } = ran(one, 'b', 'x'.repeat(limits.commandToldChars + 1))
  const note = commandNote(thread) ?? ''
  expect(note).toContain('$ run a\n```\nfailed\n```\nexit code 1')
  expect(note).toContain('exit code 0 (not all of its output)')
  expect(note.length).toBeLessThan(limits.commandToldChars + 400)
  expect(commandNote(begin(thread))).toBeUndefined()
})

test('[RUNNER-21] what still runs is told when it has ended; what did not run says why', () => {
  const { thread: running } = ran(new EngineStory().state.thread, 'a', 'so far', 'none')
  expect(commandNote(running)).toBeUndefined()
  const settled: ThreadEvent = {
    type: 'command/settled',
    commandId: commandIdSchema.parse('cmd_a'),
    result: { cut: 'none', durationMs: 0, droppedBytes: 0, problem: 'no bubblewrap' },
  }
  expect(commandNote(reduceThread(begin(running), settled))).toContain('did not run: no bubblewrap')
})

test('[RUNNER-22] guests see nothing of commands', () => {
  const { events, thread } = ran(new EngineStory().state.thread, 'a', 'hunter2')
  expect(JSON.stringify(guestThread(thread))).not.toMatch(/hunter2|run a/)
  expect(events.map((event) => guestEvent(event, thread))).toEqual(events.map(() => undefined))
})

test('[RUNNER-23] of many commands the latest are kept, and those that run', () => {
  let { thread } = ran(new EngineStory().state.thread, 'first', '', 'none')
  for (let n = 0; n < limits.keptCommands + 5; n++) thread = ran(thread, `n${n}`, 'x').thread
  expect(thread.commands).toHaveLength(limits.keptCommands)
  expect(thread.commands?.[0]?.id).toBe('cmd_first')
  expect(thread.commands?.at(-1)?.id).toBe(`cmd_n${limits.keptCommands + 4}`)
})
