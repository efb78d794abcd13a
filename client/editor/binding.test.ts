import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { createPersonalUndo } from '../../core/document/personal-undo.ts'
import { type BoundModel, type BoundView, bindText, type Places } from './binding.ts'
import type { Replacement } from './text-ops.ts'

class FakeModel implements BoundModel {
  value: string
  #listeners = new Set<(replacements: readonly Replacement[]) => void>()
  constructor(value = '') {
    this.value = value
  }
  length() {
    return this.value.length
  }
  text() {
    return this.value
  }
  apply(replacements: readonly Replacement[]) {
    for (const { at, remove, insert } of [...replacements].reverse())
      this.value = this.value.slice(0, at) + insert + this.value.slice(at + remove)
    for (const listener of this.#listeners) listener(replacements)
  }
  onChange(listener: (replacements: readonly Replacement[]) => void) {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
  /** What typing does. */
  type(at: number, insert: string, remove = 0) {
    this.apply([{ at, remove, insert }])
  }
}

class FakeView implements BoundView {
  places: Places = { selections: [{ anchor: 0, active: 0 }], top: { offset: 0, hidden: 0 } }
  closed: { from: number; to: number } | undefined
  capture() {
    return this.places
  }
  restore(places: Places) {
    this.places = places
  }
  composition() {
    return this.closed
  }
  draw() {}
  reveal(offset: number) {
    this.places = { ...this.places, selections: [{ anchor: offset, active: offset }] }
  }
  get caret() {
    return this.places.selections[0]!.active
  }
}

function setUp(start: string) {
  const here = new Y.Doc({ gc: false })
  here.clientID = 1
  const there = new Y.Doc()
  there.clientID = 2
  const mine = here.getText('text')
  const theirs = there.getText('text')
  mine.insert(0, start)
  Y.applyUpdate(there, Y.encodeStateAsUpdate(here))
  const model = new FakeModel()
  const view = new FakeView()
  const undo = createPersonalUndo({ doc: here, origin: {}, captureMs: 500, now: () => 0 })
  const binding = bindText({ text: mine, model, undo })
  binding.show(view)
  const receive = () => Y.applyUpdate(here, Y.encodeStateAsUpdate(there, Y.encodeStateVector(here)), 'remote')
  const send = () => Y.applyUpdate(there, Y.encodeStateAsUpdate(here, Y.encodeStateVector(there)), 'remote')
  return { mine, theirs, model, view, undo, binding, receive, send }
}

describe('the editor and the document', () => {
  test('[BIND-1] any interleaving of typing, others, IME and undo leaves the editor with the text of the document', () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constantFrom('type' as const, 'other' as const),
        at: fc.nat(200),
        remove: fc.nat(6),
        insert: fc.string({ maxLength: 5 }).map((text) => text.replaceAll('a', '\n')),
      }),
      fc.record({ kind: fc.constant('compose' as const), from: fc.nat(200), length: fc.nat(20) }),
      fc.record({ kind: fc.constantFrom('composed', 'undo', 'redo', 'send', 'receive' as const) }),
    )
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.array(step, { maxLength: 60 }), (start, steps) => {
        const { mine, theirs, model, view, binding, receive, send } = setUp(start.replaceAll('\r', ''))
        for (const action of steps) {
          if (action.kind === 'type') {
            const at = Math.min(action.at, model.length())
            model.type(at, action.insert, Math.min(action.remove, model.length() - at))
          } else if (action.kind === 'other') {
            const at = Math.min(action.at, theirs.length)
            theirs.delete(at, Math.min(action.remove, theirs.length - at))
            theirs.insert(at, action.insert)
          } else if (action.kind === 'compose') {
            const from = Math.min(action.from, model.length())
            view.closed = { from, to: Math.min(from + action.length, model.length()) }
          } else if (action.kind === 'composed') {
            view.closed = undefined
            binding.flush()
          } else if (action.kind === 'undo') binding.undo()
          else if (action.kind === 'redo') binding.redo()
          else if (action.kind === 'send') send()
          else receive()
        }
        view.closed = undefined
        receive()
        send()
        binding.flush()
        expect(model.value).toBe(mine.toString())
        expect(theirs.toString()).toBe(mine.toString())
      }),
      { numRuns: 1500 },
    )
  })

  test('[BIND-2] a caret stays where it was in its words when others write before, at and after it', () => {
    const { theirs, view, receive } = setUp('one two')
    view.places = { ...view.places, selections: [{ anchor: 4, active: 4 }] }
    theirs.insert(0, '>> ')
    theirs.insert(7, 'at the caret ')
    theirs.insert(theirs.length, ' end')
    receive()
    expect(theirs.toString()).toBe('>> one at the caret two end')
    expect(view.caret).toBe(7)
  })

  test('[BIND-2] a selection keeps its words and its direction', () => {
    const { theirs, model, view, receive } = setUp('one two three')
    view.places = { ...view.places, selections: [{ anchor: 7, active: 4 }] }
    theirs.insert(7, 'X')
    theirs.insert(4, 'Y')
    receive()
    const [selection] = view.places.selections
    expect(model.value.slice(selection!.active, selection!.anchor)).toBe('two')
  })

  test('[BIND-2] a background tab keeps its places too', () => {
    const { theirs, view, binding, receive } = setUp('one two')
    view.places = { selections: [{ anchor: 4, active: 4 }], top: { offset: 4, hidden: 3 } }
    binding.show(undefined)
    theirs.insert(0, 'zero ')
    receive()
    const next = new FakeView()
    binding.show(next)
    expect(next.places).toEqual({ selections: [{ anchor: 9, active: 9 }], top: { offset: 9, hidden: 3 } })
  })

  test('[BIND-3] the line in view stays in view, and the top of the file stays the top', () => {
    const { theirs, view, receive } = setUp('a\nb\nc\n')
    view.places = { ...view.places, top: { offset: 4, hidden: 5 } }
    theirs.insert(4, 'new\n')
    receive()
    expect(view.places.top).toEqual({ offset: 8, hidden: 5 })
    view.places = { ...view.places, top: { offset: 0, hidden: 0 } }
    theirs.insert(0, 'first\n')
    receive()
    expect(view.places.top.offset).toBe(0)
  })

  test("[BIND-4] undo takes back the person's own edit and leaves the model's", () => {
    const { theirs, model, view, binding, receive } = setUp('let x = 1\n')
    model.type(10, 'mine\n')
    theirs.insert(0, '// theirs\n')
    receive()
    binding.undo()
    expect(model.value).toBe('// theirs\nlet x = 1\n')
    expect(view.caret).toBe(20)
    expect(binding.canUndo()).toBe(false)
    binding.redo()
    expect(model.value).toBe('// theirs\nlet x = 1\nmine\n')
  })

  test('[MOVE-20] a text shown anew, as its file moved, goes on with undo, redo, caret and scroll', () => {
    const { mine, theirs, model, view, undo, binding, receive } = setUp('let x = 1\n')
    model.type(10, 'mine\n')
    model.type(4, 'y + ')
    binding.undo()
    binding.show(undefined)
    theirs.insert(0, '// theirs\n')
    receive()
    view.places = { selections: [{ anchor: 3, active: 5 }], top: { offset: 10, hidden: 4 } }
    binding.show(view)
    const next = new FakeModel(model.value)
    const later = bindText({ text: mine, model: next, undo, places: binding.places() })
    binding.dispose()
    const shown = new FakeView()
    later.show(shown)
    expect(shown.places).toEqual(view.places)
    later.redo()
    expect(next.value).toBe('// theirs\nlet y + x = 1\nmine\n')
    next.type(0, 'more\n')
    for (let step = 0; step < 3; step++) later.undo()
    expect([next.value, mine.toString()]).toEqual(['// theirs\nlet x = 1\n', '// theirs\nlet x = 1\n'])
    expect([later.canUndo(), model.value]).toEqual([false, '// theirs\nlet x = 1\nmine\n'])
  })

  test('[BIND-5] edits on the line under composition wait for its end, others go on', () => {
    const { theirs, mine, model, view, binding, receive } = setUp('one\ntwo\nthree')
    view.closed = { from: 4, to: 7 }
    theirs.insert(6, 'X')
    theirs.insert(0, 'Y')
    receive()
    expect(model.value).toBe('Yone\ntwo\nthree')
    view.closed = { from: 5, to: 8 }
    model.type(8, 'の')
    expect(model.value).toBe('Yone\ntwoの\nthree')
    view.closed = undefined
    binding.flush()
    expect(model.value).toBe('Yone\ntwXoの\nthree')
    expect(mine.toString()).toBe(model.value)
  })

  test('[BIND-6] a carriage return in a document shifts nothing', () => {
    const { theirs, mine, model, receive } = setUp('a\nb')
    theirs.insert(1, '\r')
    receive()
    expect(model.value).toBe('a\u240d\nb')
    model.type(4, 'c')
    expect(mine.toString()).toBe('a\r\nbc')
  })
})
