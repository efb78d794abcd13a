import type { editor, IRange } from 'monaco-editor/editor'
import { beforeEach, expect, test } from 'vitest'
import { createManualTimers } from '../../core/testing/manual-timers.ts'
import { createProblemHold, type HeldModel } from './problem-hold.ts'

const nothing = { dispose() {} }

/** A text of which only versions and marked lines are known. */
function createModel() {
  let version = 1
  let nextId = 0
  const changes = new Set<() => void>()
  const marked = new Map<string, IRange>()
  const model: HeldModel & { attached: boolean } = {
    attached: true,
    getVersionId: () => version,
    onDidChangeContent(listener: (event: never) => void) {
      const run = () => listener(undefined as never)
      changes.add(run)
      return { dispose: () => changes.delete(run) }
    },
    onWillDispose: () => nothing,
    isAttachedToEditor: () => model.attached,
    isDisposed: () => false,
    deltaDecorations(old, added) {
      for (const id of old) marked.delete(id)
      return added.map(({ range }) => {
        const id = `${nextId++}`
        marked.set(id, range)
        return id
      })
    },
    getDecorationRange: (id) => marked.get(id) as never,
  }
  return {
    model,
    /** Lines are written above all marks. */
    write(lines = 1) {
      version++
      for (const [id, range] of marked)
        marked.set(id, lineRange(range.startLineNumber + lines, range.startColumn, range.endColumn))
      for (const run of changes) run()
    },
    /** What is marked at that line is taken out. */
    cut(line: number) {
      version++
      for (const [id, range] of marked)
        if (range.startLineNumber === line) marked.set(id, lineRange(line, 1, 1))
      for (const run of changes) run()
    },
  }
}

function lineRange(line: number, startColumn: number, endColumn: number): IRange {
  return { startLineNumber: line, startColumn, endLineNumber: line, endColumn }
}

function problem(message: string, line: number): editor.IMarkerData {
  return { message, severity: 8, ...lineRange(line, 1, 5) }
}

let timers: ReturnType<typeof createManualTimers>
let text: ReturnType<typeof createModel>
/** What can be seen. */
let seen: string[]
let pending: (() => void)[]
let held: boolean[]
let hold: ReturnType<typeof createProblemHold<HeldModel>>

beforeEach(() => {
  timers = createManualTimers()
  text = createModel()
  seen = []
  pending = []
  held = []
  hold = createProblemHold<HeldModel>({
    setMarkers: (_model, _owner, markers) => {
      seen = markers.map(({ message, startLineNumber }) => `${message} ${startLineNumber}`)
    },
    answered: () => new Promise<void>((resolve) => pending.push(resolve)),
    after: timers.after,
  })
  hold.onChange((model) => held.push(hold.isHeld(model)))
})

/** The service has answered all that it was asked. */
async function catchUp(): Promise<void> {
  for (const resolve of pending.splice(0)) resolve()
  await Promise.resolve()
  await Promise.resolve()
}

/** As a service does: half a second after the last change. */
async function check(...markers: editor.IMarkerData[]): Promise<void> {
  timers.advance(250)
  await catchUp()
  timers.advance(250)
  hold.take(text.model, 'typescript', markers)
}

test('[WEB-270] while a model writes what is said of half its text is kept away; problems from before go along with their text, and away with it', async () => {
  hold.take(text.model, 'typescript', [problem('old', 3), problem('gone', 7)])
  hold.write(text.model, true)
  text.write(2)
  await check(problem('half', 1))
  expect(seen).toEqual(['old 5', 'gone 9'])
  text.cut(9)
  await check(problem('half', 1), problem('half', 2))
  expect(seen).toEqual(['old 5'])
  expect(held).toEqual([true])
})

test('[WEB-271] when it is done what is said of the finished text shows, and not what was said of half of it', async () => {
  hold.write(text.model, true)
  text.write()
  hold.write(text.model, false)
  // Asked before the end, answered after it.
  hold.take(text.model, 'typescript', [problem('half', 1)])
  expect(seen).toEqual([])
  await check(problem('real', 4))
  expect(seen).toEqual(['real 4'])
  expect(held).toEqual([true, false])
  hold.take(text.model, 'typescript', [problem('typed', 5)])
  expect(seen).toEqual(['typed 5'])
})

test('[WEB-271] what was said of the whole text before its edit was done shows at once', async () => {
  hold.write(text.model, true)
  text.write()
  await check(problem('real', 4))
  expect(seen).toEqual([])
  hold.write(text.model, false)
  expect(seen).toEqual(['real 4'])
})

test('[WEB-271] an edit that came to nothing leaves what there was, and a person who types on is checked like any', async () => {
  hold.take(text.model, 'typescript', [problem('old', 3)])
  hold.write(text.model, true)
  hold.write(text.model, false)
  expect(held).toEqual([true, false])
  hold.write(text.model, true)
  text.write()
  hold.write(text.model, false)
  for (let i = 0; i < 60; i++) {
    text.write(0)
    timers.advance(200)
  }
  expect(seen).toEqual(['old 4'])
  await check(problem('real', 9))
  expect(seen).toEqual(['real 9'])
})

test('[WEB-271] a service that says nothing for long is waited for no longer, and of a text out of sight nothing is kept', () => {
  hold.write(text.model, true)
  text.write()
  hold.take(text.model, 'typescript', [problem('unsure', 2)])
  hold.write(text.model, false)
  timers.advance(20_000)
  expect(held).toEqual([true, false])
  expect(seen).toEqual(['unsure 2'])
  hold.write(text.model, true)
  text.model.attached = false
  hold.take(text.model, 'typescript', [])
  expect(seen).toEqual([])
})
