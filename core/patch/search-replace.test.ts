import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EditStory, editStory, splitAt } from '../testing/edit-story.ts'
import { LineAligner } from './line-aligner.ts'

function block(old: string, now: string): string {
  return `<<<<<<< SEARCH\n${old}=======\n${now}>>>>>>> REPLACE\n`
}

describe('SEARCH/REPLACE', () => {
  test('[EDIT-30] a block changes the file its path line names, words around it are prose', () => {
    const text = `Sure, here it is:\na.ts\n${block('one\n', '1\n')}Done.\n`
    const story = editStory('searchReplace', { 'a.ts': 'zero\none\n' }, [text])
    expect(story.files).toEqual({ 'a.ts': 'zero\n1\n' })
    expect(story.happened).toEqual([
      'prose Sure, here it is:\n',
      'fileNeeded update a.ts',
      'fileStarted update a.ts',
      'hunkStarted h1 at 2',
      'hunkCompleted h1 at 2',
      'prose Done.\n',
      'fileCompleted update a.ts',
    ])
    expect(story.outcome).toEqual({
      ok: true,
      message: 'Success. Updated the following files:\nM a.ts',
      files: [{ path: 'a.ts', kind: 'update', status: 'completed', hunkIds: ['h1'] }],
    })
  })

  const pathLines = [
    ['bare', 'src/a.ts\n'],
    ['in backticks', '`src/a.ts`\n'],
    ['bold', '**src/a.ts**:\n'],
    ['as a heading', '### `src/a.ts`\n'],
    ['with a colon', 'src/a.ts:\n'],
    ['above a fence', 'src/a.ts\n```ts\n'],
    ['in a fence', '```ts\nsrc/a.ts\n'],
    ['above a blank line', 'src/a.ts\n\n'],
  ]
  test.each(pathLines)('[EDIT-30] the path line may be written %s', (_, path) => {
    const fence = path.includes('```') ? '```\n' : ''
    const story = editStory('searchReplace', { 'src/a.ts': 'one\n' }, [path + block('one\n', '1\n') + fence])
    expect(story.files).toEqual({ 'src/a.ts': '1\n' })
    expect(story.happened.filter((line) => line.startsWith('prose'))).toEqual([])
  })

  test('[EDIT-30] a name with spaces is taken in backticks; words are no path', () => {
    const text = `\`my file.ts\`\n${block('one\n', '1\n')}And then\n${block('two\n', '2\n')}Next\n${block('three\n', '3\n')}`
    const story = editStory('searchReplace', { 'my file.ts': 'one\ntwo\nthree\n' }, [text])
    expect(story.files).toEqual({ 'my file.ts': '1\n2\n3\n' })
    expect(story.happened.filter((line) => line.startsWith('prose'))).toEqual([
      'prose And then\n',
      'prose Next\n',
    ])
  })

  test('[EDIT-30] several blocks may follow under one path, several paths in one text', () => {
    const text = `a.ts\n${block('one\n', '1\n')}${block('two\n', '2\n')}\nb.ts\n${block('x\n', 'y\n')}a.ts\n${block('2\n', '3\n')}`
    const story = editStory('searchReplace', { 'a.ts': 'one\ntwo\n', 'b.ts': 'x\n' }, [text])
    expect(story.files).toEqual({ 'a.ts': '1\n3\n', 'b.ts': 'y\n' })
  })

  test('[EDIT-31] without old text a file is made, or added to at its end', () => {
    const text = `n.ts\n${block('', 'new\n')}a.ts\n${block('', 'last\n')}b.ts\n${block('', 'x\n')}`
    const story = editStory('searchReplace', { 'a.ts': 'one\n', 'b.ts': 'unended' }, [text])
    expect(story.files).toEqual({ 'n.ts': 'new\n', 'a.ts': 'one\nlast\n', 'b.ts': 'unended\nx\n' })
    expect(story.outcome?.message).toBe('Success. Updated the following files:\nA n.ts\nM a.ts\nM b.ts')
  })

  test('[EDIT-32] old text that fits twice fails and asks for more lines; a stricter single fit is taken', () => {
    const story = editStory('searchReplace', { 'a.ts': '}\nx\n}\n' }, [`a.ts\n${block('}\n', ']\n')}`])
    expect(story.files).toEqual({ 'a.ts': '}\nx\n}\n' })
    expect(story.outcome?.files[0]?.message).toBe(
      'Found expected lines 2 times in a.ts:\n}\n' +
        'Repeat the block with more lines around them, so that they fit one place.',
    )
    const strict = editStory('searchReplace', { 'a.ts': ' }\nx\n}\n' }, [`a.ts\n${block('}\n', ']\n')}`])
    expect(strict.files).toEqual({ 'a.ts': ' }\nx\n]\n' })
  })

  test('[EDIT-3] a block whose old text is missing takes back the blocks before it in that file', () => {
    const text = `a.ts\n${block('one\n', '1\n')}${block('gone\n', '2\n')}${block('two\n', '2\n')}b.ts\n${block('x\n', 'y\n')}`
    const story = editStory('searchReplace', { 'a.ts': 'one\ntwo\n', 'b.ts': 'x\n' }, [text])
    expect(story.files).toEqual({ 'a.ts': 'one\ntwo\n', 'b.ts': 'y\n' })
    expect(story.outcome?.message).toBe(
      'Failed to find expected lines in a.ts:\ngone\nNothing was changed in a.ts.\nUpdated the following files:\nM b.ts',
    )
  })

  const brokenBlocks = [
    [
      'no end',
      'a.ts\n<<<<<<< SEARCH\none\n=======\n1\n',
      "Expected '>>>>>>> REPLACE' in a block for a.ts, got: ''",
    ],
    [
      'no middle',
      'a.ts\n<<<<<<< SEARCH\none\n>>>>>>> REPLACE\n',
      "Expected '=======' in a block for a.ts, got: '>>>>>>> REPLACE'",
    ],
    [
      'a block in a block',
      `a.ts\n<<<<<<< SEARCH\none\n=======\n1\n${block('one\n', '1\n')}`,
      "Expected '>>>>>>> REPLACE' in a block for a.ts, got: '<<<<<<< SEARCH'",
    ],
    ['no path', block('one\n', '1\n'), 'A SEARCH block needs a line with the path above it'],
  ]
  test.each(brokenBlocks)('[EDIT-33] a block with %s fails its file', (_, text, message) => {
    const story = editStory('searchReplace', { 'a.ts': 'one\n' }, [text])
    expect(story.files).toEqual({ 'a.ts': 'one\n' })
    expect(story.outcome?.ok).toBe(false)
    expect(story.outcome?.message.split('\n')[0]).toBe(message)
  })

  test('[EDIT-33] an underline of another length and markers in the new half are text', () => {
    const text = `a.md\n${block('Title\n=====\n', 'Name\n=======\n>>>>>>>\n')}`
    const story = editStory('searchReplace', { 'a.md': 'Title\n=====\n' }, [text])
    expect(story.files).toEqual({ 'a.md': 'Name\n=======\n>>>>>>>\n' })
  })

  test('[EDIT-34] new text flows in once the old is found, and no part of a marker is shown', () => {
    const story = new EditStory('searchReplace', { 'a.ts': 'one\ntwo\n' })
    story.push('a.ts\n<<<<<<< SEARCH\none\n=======\n')
    story.push('1')
    expect(story.files).toEqual({ 'a.ts': '1\none\ntwo\n' })
    story.push('st\n>>>>>>')
    expect(story.files).toEqual({ 'a.ts': '1st\none\ntwo\n' })
    story.push('> REPLA')
    expect(story.files).toEqual({ 'a.ts': '1st\none\ntwo\n' })
    story.push('CE\n')
    expect(story.files).toEqual({ 'a.ts': '1st\ntwo\n' })
  })

  test('[EDIT-34] prose flows, save a line that may be a path', () => {
    const story = new EditStory('searchReplace', {})
    const prose = () => story.events.map((event) => (event.type === 'prose' ? event.text : '')).join('')
    story.push('Sure')
    expect(prose()).toBe('')
    story.push(', I ')
    expect(prose()).toBe('Sure, I ')
    story.push('do\nyes.\nor')
    expect(prose()).toBe('Sure, I do\n')
    story.push(' no\n').finish()
    expect(prose()).toBe('Sure, I do\nyes.\nor no\n')
    expect(story.outcome).toEqual({ ok: true, message: 'No files were modified.', files: [] })
  })

  test('[EDIT-18] cut off, finished blocks stay and the half-written one vanishes', () => {
    const story = new EditStory('searchReplace', { 'a.ts': 'one\ntwo\n' })
    story.push(`a.ts\n${block('one\n', '1\n')}<<<<<<< SEARCH\ntwo\n=======\nhalf`)
    expect(story.files).toEqual({ 'a.ts': '1\nhalf\ntwo\n' })
    story.cut()
    expect(story.files).toEqual({ 'a.ts': '1\ntwo\n' })
    expect(story.outcome?.files).toEqual([expect.objectContaining({ status: 'partial', hunkIds: ['h1'] })])
  })
})

describe('lines that both halves of a block have', () => {
  /** `=` kept, `-` removed, `+` new. */
  function aligned(
    old: readonly string[],
    now: readonly string[],
    pieces: (line: string) => readonly string[],
  ) {
    const lines: string[] = []
    let next = 0
    const aligner = new LineAligner(old, {
      keepLine: () => lines.push(`=${old[next++]}`),
      removeLine: () => lines.push(`-${old[next++]}`),
      beginLine: () => lines.push('+'),
      text: (text) => lines.push(lines.pop() + text),
    })
    for (const line of now) {
      for (const piece of pieces(line)) aligner.text(piece)
      aligner.endLine()
    }
    aligner.end()
    return lines
  }
  const whole = (line: string) => (line === '' ? [] : [line])

  const alignments = [
    ['first and last', 'f {|a|}', 'f {|b|}', '=f {|+b|-a|=}'],
    ['all', 'a|b', 'a|b', '=a|=b'],
    ['a line put between', 'a|}', 'a|b|}', '=a|+b|=}'],
    ['a line taken out', 'a|b|}', 'a|}', '=a|-b|=}'],
    ['a telling line in the middle', 'a|const x = 1|b', 'c|const x = 1|d', '+c|-a|=const x = 1|+d|-b'],
    ['a brace in the middle decides nothing', 'a|}|b', 'c|}|d', '+c|+}|+d|-a|-}|-b'],
    ['two braces do', 'a|}|}|b', 'c|}|}|d', '+c|-a|=}|=}|+d|-b'],
  ]
  test.each(alignments)('[EDIT-35] %s', (_, old, now, result) => {
    expect(aligned(old.split('|'), now.split('|'), whole)).toEqual(result.split('|'))
  })

  test('[EDIT-35] kept and new lines are the new text, kept and removed ones the old, in any split', () => {
    const lines = fc.array(fc.constantFrom('', '}', 'a', 'ab', 'abc', 'const x', 'return'), { maxLength: 8 })
    fc.assert(
      fc.property(lines, lines, (old, now) => {
        const result = aligned(old, now, whole)
        const text = (marks: string) =>
          result.filter((line) => marks.includes(line.charAt(0))).map((line) => line.slice(1))
        expect(text('=+')).toEqual(now)
        expect(text('=-')).toEqual(old)
        expect(aligned(old, now, (line) => line.split(''))).toEqual(result)
      }),
      { numRuns: 500 },
    )
  })
})

test('[EDIT-36] any split gives the same texts and events, and what replacing block by block gives', () => {
  const line = fc.constantFrom('', 'a', 'b', '}', 'const x = 1', '=======x', '>>>>>>', '<<<< S')
  const lines = fc.array(line, { maxLength: 6 })
  const path = fc.constantFrom('a.ts', 'b.ts', '`c d.ts`')
  const prose = fc.constantFrom('', 'Now this:\n', 'Next\n', '```\n', '\n\n')
  const blocks = fc.array(
    fc.record({ path, prose, from: fc.nat(8), count: fc.nat(3), other: lines, now: lines }),
    {
      maxLength: 4,
    },
  )
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 })
  fc.assert(
    fc.property(lines, lines, blocks, cuts, fc.boolean(), (a, b, plan, at, ended) => {
      const join = (parts: readonly string[]) => parts.map((part) => `${part}\n`).join('')
      const files: Record<string, string> = {
        'a.ts': join(a),
        'b.ts': ended ? join(b) : join(b).slice(0, -1),
      }
      const steps = plan.map(({ path: name, from, count, other, now }) => {
        const source = name === 'a.ts' ? a : b
        const old = from < source.length ? source.slice(from, from + count) : other
        return { path: name.replaceAll('`', ''), old, now }
      })
      const text = plan
        .map(({ path: name, prose: words }, index) => {
          const { old, now } = steps[index]!
          return `${words}${name}\n${block(join(old), join(now))}`
        })
        .join('')
      const whole = editStory('searchReplace', files, [text])
      const parts = editStory('searchReplace', files, splitAt(text, at))
      const chars = editStory('searchReplace', files, text.split(''))
      for (const story of [parts, chars]) {
        expect(story.files).toEqual(whole.files)
        expect(story.happened.filter(noProse)).toEqual(whole.happened.filter(noProse))
        expect(proseOf(story)).toBe(proseOf(whole))
        expect(story.outcome).toEqual(whole.outcome)
      }
      expect(withLineEnds(whole.files)).toEqual(withLineEnds(replaced(files, steps)))
    }),
    { numRuns: 400 },
  )
})

function noProse(line: string): boolean {
  return !line.startsWith('prose')
}

function proseOf(story: EditStory): string {
  return story.events.map((event) => (event.type === 'prose' ? event.text : '')).join('')
}

function withLineEnds(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const ended = ([path, text]: readonly [string, string]) => [path, text.replace(/[^\n]$/, '$&\n')]
  return Object.fromEntries(Object.entries(files).map(ended))
}

interface Step {
  readonly path: string
  readonly old: readonly string[]
  readonly now: readonly string[]
}

/** The same, block by block on whole texts. */
function replaced(files: Readonly<Record<string, string>>, steps: readonly Step[]): Record<string, string> {
  const texts = new Map(Object.entries(files))
  /** What a file goes back to when a block fails. */
  const before = new Map(texts)
  const failed = new Set<string>()
  let made: string | undefined
  for (const [index, { path, old, now }] of steps.entries()) {
    if (steps[index - 1]?.path !== path) {
      if (made !== undefined) before.set(made, texts.get(made) ?? '')
      made = old.length === 0 && !failed.has(path) && (texts.get(path) ?? '') === '' ? path : undefined
      if (made !== undefined) before.set(made, '')
    }
    if (failed.has(path)) continue
    const text = texts.get(path) ?? ''
    const lines = text.replace(/\n$/, '').split('\n')
    if (text === '') lines.pop()
    const starts = lines.map((_, at) => at).filter((at) => old.every((line, by) => lines[at + by] === line))
    const start = old.length === 0 ? lines.length : starts[0]
    if (start === undefined || (old.length > 0 && starts.length > 1)) {
      failed.add(path)
      made = undefined
      if (before.has(path)) texts.set(path, before.get(path) ?? '')
    } else {
      lines.splice(start, old.length, ...now)
      texts.set(path, lines.map((line) => `${line}\n`).join(''))
    }
  }
  return Object.fromEntries(texts)
}
