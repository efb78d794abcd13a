import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EditStory, editStory, splitAt } from '../testing/edit-story.ts'
import { applyPatch } from './apply-patch.ts'
import type { TextTarget } from './edit.ts'
import { createEditStream } from './edit-stream.ts'

/** A line of a chunk: its mark and its text. */
type Line = readonly [' ' | '-' | '+', string]

interface Chunk {
  readonly context: string | undefined
  readonly lines: readonly Line[]
  readonly atEnd: boolean
}

interface Section {
  readonly path: string
  readonly chunks: readonly Chunk[]
}

interface Plan {
  readonly files: Readonly<Record<string, string>>
  readonly sections: readonly Section[]
}

const words = fc.constantFrom('', '', 'a', 'a', 'b', 'b ', '  a', 'c', '\u2014', '-', '}', 'one more')
const mark = fc.constantFrom<Line[0]>(' ', '-', '+')
const wildChunk = fc.array(fc.tuple(mark, words), { minLength: 1, maxLength: 4 })

/** Lines of `text` as an edit would quote them, here and there not to the letter. */
function quoted(text: string): fc.Arbitrary<readonly Line[]> {
  const lines = text.split('\n')
  return fc
    .record({ from: fc.nat(lines.length - 1), count: fc.integer({ min: 1, max: 4 }) })
    .chain(({ from, count }) =>
      fc
        .tuple(
          ...lines.slice(from, from + count).map((line) =>
            fc.record({
              mark: fc.constantFrom<Line[0]>(' ', '-'),
              shown: fc.constantFrom(
                line,
                line,
                line,
                line,
                line.trim(),
                `${line} `,
                line.replace('\u2014', '-'),
              ),
              above: fc.option(words, { freq: 2 }),
            }),
          ),
        )
        .chain((taken) =>
          fc.option(words).map((last): readonly Line[] => [
            ...taken.flatMap(({ mark: kind, shown, above }): readonly Line[] =>
              above === null
                ? [[kind, shown]]
                : [
                    ['+', above],
                    [kind, shown],
                  ],
            ),
            ...(last === null ? [] : [['+', last] as const]),
          ]),
        ),
    )
}

function chunk(text: string): fc.Arbitrary<Chunk> {
  return fc.record({
    context: fc.option(
      words.filter((word) => word.trim() !== ''),
      { nil: undefined, freq: 4 },
    ),
    lines: fc.oneof({ weight: 3, arbitrary: quoted(text) }, { weight: 1, arbitrary: wildChunk }),
    atEnd: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
  })
}

const text = fc
  .tuple(fc.array(words, { maxLength: 7 }), fc.integer({ max: 3, min: 0 }))
  .map(([lines, ended]) => lines.join('\n') + (ended > 0 && lines.length > 0 ? '\n' : ''))

const plans: fc.Arbitrary<Plan> = fc.record({ a: text, b: text }).chain((files) =>
  fc
    .array(
      fc.constantFrom('a', 'a', 'a', 'b', 'gone').chain((path) => {
        const source = path === 'b' ? files.b : files.a
        return fc.record({
          path: fc.constant(path),
          chunks: fc.array(chunk(source), { minLength: 1, maxLength: 3 }),
        })
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((sections) => ({ files, sections })),
)

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })

function patchOf({ sections }: Plan): string {
  const body = sections.map(({ path, chunks }) => {
    const shown = chunks.map(({ context, lines, atEnd }) => {
      const header = context === undefined ? '@@\n' : `@@ ${context}\n`
      return (
        header + lines.map(([kind, line]) => `${kind}${line}\n`).join('') + (atEnd ? '*** End of File\n' : '')
      )
    })
    return `*** Update File: ${path}\n${shown.join('')}`
  })
  return `*** Begin Patch\n${body.join('')}*** End Patch`
}

test('[EDIT-1] any split gives the same texts, events and outcome as the whole at once', () => {
  fc.assert(
    fc.property(plans, cuts, (plan, at) => {
      const patch = patchOf(plan)
      const whole = editStory('applyPatch', plan.files, [patch])
      for (const pieces of [splitAt(patch, at), patch.split('')]) {
        const story = editStory('applyPatch', plan.files, pieces)
        expect(story.files).toEqual(whole.files)
        expect(story.happened).toEqual(whole.happened)
        expect(story.outcome).toEqual(whole.outcome)
      }
    }),
    { numRuns: 1500 },
  )
})

test('[EDIT-1] broken patches too give the same in any split', () => {
  const extra = fc.constantFrom(
    '\n',
    '@@',
    '*** ',
    '*** End of File\n',
    ' *** End Patch\n',
    '*** Add File: n\n',
    '+',
    '-',
    '\r',
  )
  fc.assert(
    fc.property(plans, cuts, fc.array(fc.tuple(fc.nat(), extra), { maxLength: 3 }), (plan, at, slips) => {
      let patch = patchOf(plan)
      for (const [place, slip] of slips) {
        const cut = place % patch.length
        patch = patch.slice(0, cut) + slip + patch.slice(cut + (place % 2))
      }
      const whole = editStory('applyPatch', plan.files, [patch])
      for (const pieces of [splitAt(patch, at), patch.split('')]) {
        const story = editStory('applyPatch', plan.files, pieces)
        expect(story.files).toEqual(whole.files)
        expect(story.happened).toEqual(whole.happened)
        expect(story.outcome).toEqual(whole.outcome)
      }
    }),
    { numRuns: 1500 },
  )
})

test('[EDIT-1] the streamed result is the one worked out from the whole patch, failures included', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const result = applyPatch(patchOf(plan), new Map(Object.entries(plan.files)))
      const expected = workedOut(plan)
      if (typeof expected === 'string') expect(result).toEqual({ ok: false, error: expected })
      else expect(result.ok && Object.fromEntries(result.value.changes)).toEqual(expected)
    }),
    { numRuns: 3000 },
  )
})

test('[EDIT-14] only what hunks report as removed is missing in the end, and only once deleted', () => {
  fc.assert(
    fc.property(plans, cuts, (plan, at) => {
      const texts = new Map(
        Object.entries(plan.files).map(([path, text]) => [path, new CountingTarget(ended(text))]),
      )
      let hunks = 0
      const stream = createEditStream({ format: 'applyPatch', nextHunkId: () => `${++hunks}` })
      const removed = new Map<string, string>()
      const queue = [
        ...splitAt(patchOf(plan), at).map((piece) => () => stream.push(piece)),
        () => stream.finish(),
      ]
      for (const step of queue) {
        const events = [...step()]
        for (let event = events.shift(); event !== undefined; event = events.shift()) {
          if (event.type === 'fileNeeded') {
            const target = texts.get(event.path)
            events.push(...stream.provide(event.path, target ? { target } : { problem: 'gone' }))
          } else if (event.type === 'hunkCompleted') removed.set(event.hunkId, event.removedText)
          else if (event.type === 'hunkDropped') removed.delete(event.hunkId)
        }
      }
      const deleted = [...texts.values()].flatMap((target) => [...target.deleted])
      expect(new Map(deleted.filter(([, text]) => text !== ''))).toEqual(
        new Map([...removed].filter(([, text]) => text !== '')),
      )
    }),
    { numRuns: 800 },
  )
})

test('[EDIT-18] cut anywhere, exactly the finished hunks are there', () => {
  fc.assert(
    fc.property(plans, fc.double({ min: 0, max: 1, noNaN: true }), (plan, part) => {
      const patch = patchOf(plan)
      const story = new EditStory('applyPatch', plan.files)
      let settled = story.files
      for (const char of patch.slice(0, Math.floor(part * patch.length))) {
        story.push(char)
        if (!story.writing) settled = story.files
      }
      story.cut()
      expect(story.files).toEqual(settled)
      const kept = story.outcome?.files.flatMap(({ hunkIds }) => hunkIds)
      const finished = new Set<string>()
      for (const event of story.events) {
        if (event.type === 'hunkCompleted') finished.add(event.hunkId)
        if (event.type === 'hunkDropped') finished.delete(event.hunkId)
      }
      expect(kept).toEqual([...finished])
    }),
    { numRuns: 800 },
  )
})

/** A line end that a hunk adds to a text without one is its own; here each has one. */
function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** Remembers which text each hunk took out, text it put in itself left aside. */
class CountingTarget implements TextTarget {
  #chars: { readonly char: string; readonly own: boolean }[]
  readonly deleted = new Map<string, string>()
  readonly #before = new Map<string, { readonly char: string; readonly own: boolean }[]>()
  #hunk = ''

  constructor(text: string) {
    this.#chars = text.split('').map((char) => ({ char, own: false }))
  }

  text(): string {
    return this.#chars.map(({ char }) => char).join('')
  }

  beginHunk(hunkId: string): void {
    this.#hunk = hunkId
    this.deleted.set(hunkId, '')
    this.#before.set(hunkId, [...this.#chars])
    this.#chars = this.#chars.map(({ char }) => ({ char, own: false }))
  }

  replace(from: number, to: number, insert: string): void {
    const inserted = insert.split('').map((char) => ({ char, own: true }))
    const out = this.#chars.splice(from, to - from, ...inserted)
    expect(out.filter(({ own }) => own)).toEqual([])
    this.deleted.set(this.#hunk, (this.deleted.get(this.#hunk) ?? '') + out.map(({ char }) => char).join(''))
  }

  revertHunk(hunkId: string): void {
    this.#chars = this.#before.get(hunkId) ?? []
    this.deleted.delete(hunkId)
  }
}

/** The changed texts, or the first failure: whole texts, one section after the other. */
function workedOut({ files, sections }: Plan): Record<string, string> | string {
  const changed: Record<string, string> = {}
  for (const { path, chunks } of sections) {
    const before = changed[path] ?? files[path]
    if (before === undefined)
      return `Failed to read file to update ${path}: No such file or directory (os error 2)`
    const after = patched(path, before, chunks)
    if (!Array.isArray(after)) return String(after)
    changed[path] = after.map((line) => `${line}\n`).join('')
  }
  return changed
}

interface Replacement {
  readonly at: number
  removed: number
  readonly added: string[]
}

function patched(path: string, text: string, chunks: readonly Chunk[]): string[] | string {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const replacements: Replacement[] = []
  let cursor = 0
  for (const { context, lines: chunkLines, atEnd } of chunks) {
    if (context !== undefined) {
      const found = place(lines, [context.trimEnd()], cursor)
      if (found === undefined) return `Failed to find context '${context.trimEnd()}' in ${path}`
      cursor = found + 1
    }
    const old = chunkLines.filter(([kind]) => kind !== '+').map(([, line]) => line)
    if (old.length === 0) {
      replacements.push({ at: lines.length, removed: 0, added: chunkLines.map(([, line]) => line) })
      continue
    }
    const from = (length: number) => (atEnd ? Math.max(cursor, lines.length - length) : cursor)
    let written = chunkLines
    let length = old.length
    let start = place(lines, old, from(length))
    if (start === undefined && old.at(-1) === '') {
      length -= 1
      start = length === 0 ? cursor : place(lines, old.slice(0, -1), from(length))
      written = withoutBlank(chunkLines)
    }
    if (start === undefined) return `Failed to find expected lines in ${path}:\n${old.join('\n')}`
    cursor = start + length
    replacements.push(...replacementsOf(written, start))
  }
  replacements.sort((a, b) => a.at - b.at)
  for (const { at, removed, added } of replacements.reverse()) lines.splice(at, removed, ...added)
  return lines
}

function replacementsOf(lines: readonly Line[], start: number): readonly Replacement[] {
  const found: Replacement[] = []
  let open: Replacement | undefined
  let at = start
  for (const [kind, line] of lines) {
    if (kind === ' ') {
      open = undefined
      at++
      continue
    }
    if (open === undefined) {
      open = { at, removed: 0, added: [] }
      found.push(open)
    }
    if (kind === '+') open.added.push(line)
    else {
      open.removed++
      at++
    }
  }
  return found
}

/** The last old line is left out; it is blank, as is the last new line then left out too. */
function withoutBlank(lines: readonly Line[]): readonly Line[] {
  const last = lines.findLastIndex(([kind]) => kind !== '+')
  const rest = lines.flatMap((line, index): readonly Line[] => {
    if (index !== last) return [line]
    return line[0] === ' ' ? [['+', '']] : []
  })
  const lastNew = rest.findLastIndex(([kind]) => kind !== '-')
  if (rest[lastNew]?.[1] !== '') return rest
  return rest.flatMap((line, index): readonly Line[] => {
    if (index !== lastNew) return [line]
    return line[0] === ' ' ? [['-', '']] : []
  })
}

function place(lines: readonly string[], wanted: readonly string[], from: number): number | undefined {
  const plain = (line: string) =>
    line
      .trim()
      .replace(/[\u2010-\u2015\u2212]/g, '-')
      .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' ')
  for (const way of [
    (line: string) => line,
    (line: string) => line.trimEnd(),
    (line: string) => line.trim(),
    plain,
  ]) {
    for (let start = from; start <= lines.length - wanted.length; start++) {
      if (wanted.every((line, index) => way(lines[start + index] ?? '') === way(line))) return start
    }
  }
  return undefined
}
