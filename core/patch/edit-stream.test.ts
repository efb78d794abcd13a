import { describe, expect, test } from 'vitest'
import { EditStory, editStory } from '../testing/edit-story.ts'
import type { TextTarget } from './edit.ts'
import { createEditStream } from './edit-stream.ts'
import { MemoryTarget } from './memory-target.ts'

const begin = '*** Begin Patch\n'
const end = '*** End Patch'

/** A patch that updates file `a`. */
function update(body: string): string {
  return `${begin}*** Update File: a\n${body}${end}`
}

/** The replaces made in file `a`, as `from-to:insert`. */
function replaces(
  format: 'applyPatch' | 'searchReplace',
  text: string,
  pieces: readonly string[],
): readonly string[] {
  const made: string[] = []
  const memory = new MemoryTarget(text)
  const target: TextTarget = {
    text: () => memory.text(),
    beginHunk: (id) => memory.beginHunk(id),
    revertHunk: (id) => memory.revertHunk(id),
    replace(from, to, insert) {
      made.push(`${from}-${to}:${insert}`)
      memory.replace(from, to, insert)
    },
  }
  const stream = createEditStream({ format, nextHunkId: () => 'h' })
  for (const piece of pieces) {
    if (stream.push(piece).some(({ type }) => type === 'fileNeeded')) stream.provide('a', { target })
  }
  stream.finish()
  return made
}

test('[EDIT-14] lines of context are not touched, removed and new ones are', () => {
  const patch = update('@@\n one\n-two\n+2\n three\n+3.5\n four\n')
  expect(replaces('applyPatch', 'one\ntwo\nthree\nfour\n', [patch])).toEqual(['4-8:2\n', '12-12:3.5\n'])
  expect(replaces('applyPatch', '  one\ntwo\n\tthree\nfour\n', [patch])).toEqual(['6-10:2\n', '15-15:3.5\n'])
})

test('[EDIT-8] the last line gets its end from the hunk that reaches it, else from a hunk of its own', () => {
  const far = editStory('applyPatch', { a: 'a\nb\nc' }, [update('@@\n-a\n+A\n')])
  expect(far.happened.filter((line) => line.startsWith('hunkStarted'))).toEqual([
    'hunkStarted h1 at 1',
    'hunkStarted h2 at 3',
  ])
  const near = editStory('applyPatch', { a: 'a\nb\nc' }, [update('@@\n-b\n+B\n c\n')])
  expect(near.happened.filter((line) => line.startsWith('hunkStarted'))).toEqual(['hunkStarted h1 at 2'])
  expect([far.files, near.files]).toEqual([{ a: 'A\nb\nc\n' }, { a: 'a\nB\nc\n' }])
  expect(replaces('searchReplace', 'a\nc', ['a\n<<<<<<< SEARCH\na\n=======\nA\n>>>>>>> REPLACE\n'])).toEqual([
    '0-0:A\n',
    '2-4:',
  ])
})

describe('while it arrives', () => {
  test('[EDIT-15] a hunk begins with the first new line, if its old text stands at one place', () => {
    const story = new EditStory('applyPatch', { a: 'one\ntwo\nthree\n' })
    story.push(`${begin}*** Update File: a\n@@\n one\n-two\n`)
    expect(story.files).toEqual({ a: 'one\ntwo\nthree\n' })
    story.push('+')
    expect(story.files).toEqual({ a: 'one\n\nthree\n' })
    story.push('T')
    expect(story.files).toEqual({ a: 'one\nT\nthree\n' })
    story.push('WO\n+and')
    expect(story.files).toEqual({ a: 'one\nTWO\nand\nthree\n' })
    story.push(`\n three\n${end}`).finish()
    expect(story.files).toEqual({ a: 'one\nTWO\nand\nthree\n' })
    expect(story.events).toEqual([
      { type: 'fileNeeded', path: 'a', kind: 'update' },
      { type: 'fileStarted', path: 'a', kind: 'update' },
      { type: 'hunkStarted', path: 'a', hunkId: 'h1', startLine: 2 },
      { type: 'hunkGrew', path: 'a', hunkId: 'h1', addedLines: 1, removedLines: 1 },
      { type: 'hunkGrew', path: 'a', hunkId: 'h1', addedLines: 1, removedLines: 1 },
      { type: 'hunkGrew', path: 'a', hunkId: 'h1', addedLines: 2, removedLines: 1 },
      {
        type: 'hunkCompleted',
        path: 'a',
        hunkId: 'h1',
        startLine: 2,
        addedLines: 2,
        removedLines: 1,
        removedText: 'two\n',
      },
      { type: 'fileCompleted', path: 'a', kind: 'update' },
    ])
  })

  test('[EDIT-15] with two places nothing is written until one is left', () => {
    const story = new EditStory('applyPatch', { a: '}\nb\n}\nc\n' })
    story.push(`${begin}*** Update File: a\n@@\n }\n+x\n`)
    expect(story.files).toEqual({ a: '}\nb\n}\nc\n' })
    story.push(' c\n+y')
    expect(story.files).toEqual({ a: '}\nb\n}\nx\nc\ny\n' })
  })

  test('[EDIT-15] a new file and an empty one fill from the first character', () => {
    const story = new EditStory('applyPatch', { a: '' })
    story.push(`${begin}*** Add File: n\n+ne`)
    expect(story.files).toEqual({ a: '', n: 'ne\n' })
    story.push('w\n*** Update File: a\n@@\n+fi')
    expect(story.files).toEqual({ a: 'fi\n', n: 'new\n' })
  })

  test('[EDIT-16] what turns out to belong elsewhere is taken back and written there under a new id', () => {
    const story = new EditStory('applyPatch', { a: 'a\nb\n a\nc\n' })
    story.push(`${begin}*** Update File: a\n@@\n a\n+x`)
    expect(story.files).toEqual({ a: 'a\nx\nb\n a\nc\n' })
    story.push('\n c\n')
    expect(story.files).toEqual({ a: 'a\nb\n a\nc\n' })
    story.push(end).finish()
    expect(story.files).toEqual({ a: 'a\nb\n a\nx\nc\n' })
    expect(story.happened).toEqual([
      'fileNeeded update a',
      'fileStarted update a',
      'hunkStarted h1 at 2',
      'hunkDropped h1',
      'hunkStarted h2 at 4',
      'hunkCompleted h2 at 4',
      'fileCompleted update a',
    ])
  })

  test('[EDIT-16] a blank line before the next chunk does not take back what is written', () => {
    const patch = update('@@\n-a\n+A\n\n@@\n-c\n+C\n\n')
    const story = editStory('applyPatch', { a: 'a\nc\n' }, [...patch])
    expect(story.files).toEqual({ a: 'A\nC\n' })
    expect(story.happened.filter((line) => line.startsWith('hunk'))).toEqual([
      'hunkStarted h1 at 1',
      'hunkCompleted h1 at 1',
      'hunkStarted h2 at 2',
      'hunkCompleted h2 at 2',
    ])
  })

  test('[EDIT-16] an end marker that the place does not fit takes it back', () => {
    const patch = update('@@\n-a\n+A\n*** End of File\n')
    const story = editStory('applyPatch', { a: 'a\nc\n' }, [...patch])
    expect(story.files).toEqual({ a: 'a\nc\n' })
    expect(story.outcome).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^Failed to find expected lines/),
    })
  })

  test('[EDIT-19] what arrives while a file is needed waits for it', () => {
    const stream = createEditStream({ format: 'applyPatch', nextHunkId: () => 'h' })
    const target = new MemoryTarget('a\n')
    expect(stream.push(`${begin}*** Update File: a\n*** Move to: b\n`)).toEqual([
      { type: 'fileNeeded', path: 'a', kind: 'update', movedTo: 'b' },
    ])
    expect(stream.push(`@@\n-a\n+A\n${end}`)).toEqual([])
    expect(stream.finish()).toEqual([])
    expect(stream.outcome()).toBeUndefined()
    expect(stream.provide('a', { target }).map(({ type }) => type)).toEqual([
      'fileStarted',
      'hunkStarted',
      'hunkCompleted',
      'fileCompleted',
    ])
    expect(target.text()).toBe('A\n')
    expect(stream.outcome()).toEqual({
      ok: true,
      message: 'Success. Updated the following files:\nM b',
      files: [{ path: 'a', kind: 'update', movedTo: 'b', status: 'completed', hunkIds: ['h'] }],
    })
  })

  test('[EDIT-21] half a surrogate pair and half a line end are not written', () => {
    const patch = update('@@\n-a\r\n+x😀y\r\n+z\r\r\n')
    const made = replaces(
      'applyPatch',
      'a\n',
      [...patch].flatMap((char) => char.split('')),
    )
    expect(made.join()).not.toMatch(/\r|[\ud800-\udbff](?![\udc00-\udfff])/)
    expect(editStory('applyPatch', { a: 'a\n' }, patch.split('')).files).toEqual({ a: 'x😀y\nz\n' })
  })
})

describe('all or nothing per file', () => {
  const patch = `${begin}*** Update File: a
@@
-one
+1
@@
-two
+2
@@
-gone
+3
*** Update File: b
@@
-x
+X
${end}`

  test('[EDIT-17] a hunk that fits nowhere takes back the ones before it, newest first, and leaves other files', () => {
    const story = editStory('applyPatch', { a: 'one\ntwo\n', b: 'x\n' }, [patch])
    expect(story.files).toEqual({ a: 'one\ntwo\n', b: 'X\n' })
    expect(story.happened.slice(2, -3)).toEqual([
      'hunkStarted h1 at 1',
      'hunkCompleted h1 at 1',
      'hunkStarted h2 at 2',
      'hunkCompleted h2 at 2',
      'hunkDropped h2',
      'hunkDropped h1',
      'fileFailed update a',
      'fileNeeded update b',
      'fileStarted update b',
    ])
  })

  test('[EDIT-20] the outcome tells what failed, what did not change and what did', () => {
    const story = editStory('applyPatch', { a: 'one\ntwo\n', b: 'x\n' }, [patch])
    expect(story.outcome).toEqual({
      ok: false,
      message:
        'Failed to find expected lines in a:\ngone\nNothing was changed in a.\nUpdated the following files:\nM b',
      files: [
        {
          path: 'a',
          kind: 'update',
          status: 'failed',
          hunkIds: [],
          message: 'Failed to find expected lines in a:\ngone',
        },
        { path: 'b', kind: 'update', status: 'completed', hunkIds: ['h3'] },
      ],
    })
  })

  test('[EDIT-17] a file updated twice is one file: when the second fails the first is taken back', () => {
    const twice = update(
      '@@\n-one\n+1\n*** Update File: a\n@@\n-gone\n+x\n*** Update File: a\n@@\n-two\n+2\n',
    )
    const story = editStory('applyPatch', { a: 'one\ntwo\n' }, [twice])
    expect(story.files).toEqual({ a: 'one\ntwo\n' })
    expect(story.outcome?.files).toEqual([
      expect.objectContaining({ path: 'a', status: 'failed', hunkIds: [] }),
    ])
  })

  test('[EDIT-17] a file that cannot be had fails in the words given, and the next one goes on', () => {
    const story = editStory('applyPatch', { b: 'x\n' }, [patch])
    expect(story.files).toEqual({ b: 'X\n' })
    expect(story.outcome?.message).toMatch(/^Failed to read file to update a\n/)
  })

  test('[EDIT-13] a break of the form fails the file it is in and ends the edit; finished files stay', () => {
    const broken = `${begin}*** Add File: n\n+x\n*** Update File: a\n@@\n-one\n+1\nbad\n*** Delete File: b\n${end}`
    const story = editStory('applyPatch', { a: 'one\n', b: 'x\n' }, [broken])
    expect(story.files).toEqual({ n: 'x\n', a: 'one\n', b: 'x\n' })
    expect(story.happened.at(-1)).toBe('fileFailed update a')
    expect(story.outcome?.message).toBe(
      "Invalid patch hunk on line 8: Expected update hunk to start with a @@ context marker, got: 'bad'\n" +
        'Nothing was changed in a.\nUpdated the following files:\nA n',
    )
  })
})

describe('when it is cut off', () => {
  test('[EDIT-18] finished hunks stay, the half-written one vanishes, and the outcome says so', () => {
    const story = new EditStory('applyPatch', { a: 'one\ntwo\nthree\n' })
    story.push(
      `${begin}*** Add File: n\n+x\n*** Update File: a\n*** Move to: b\n@@\n-one\n+1\n@@\n-two\n+half`,
    )
    expect(story.files).toEqual({ a: '1\nhalf\nthree\n', n: 'x\n' })
    story.cut()
    expect(story.files).toEqual({ a: '1\ntwo\nthree\n', n: 'x\n' })
    expect(story.happened.slice(-2)).toEqual(['hunkDropped h3', 'fileCompleted update a'])
    expect(story.outcome).toEqual({
      ok: false,
      message:
        'The edit was cut off.\nUpdated the following files:\nA n\nM a (cut off: its first hunk was kept)',
      files: [
        { path: 'n', kind: 'add', status: 'completed', hunkIds: ['h1'] },
        {
          path: 'a',
          kind: 'update',
          status: 'partial',
          hunkIds: ['h2'],
          message: 'cut off: its first hunk was kept',
        },
      ],
    })
    expect([...story.stream.push('x'), ...story.stream.finish(), ...story.stream.cut()]).toEqual([])
  })

  test('[EDIT-18] a file without a finished hunk is as it was', () => {
    const story = new EditStory('applyPatch', { a: 'one\n' })
    story.push(`${begin}*** Update File: a\n@@\n-one\n+1\n`).cut()
    expect(story.files).toEqual({ a: 'one\n' })
    expect(story.happened.slice(-2)).toEqual(['hunkDropped h1', 'fileFailed update a'])
    expect(story.outcome?.message).toBe(
      'The edit was cut off.\nThe edit of a was cut off before its first hunk was finished.\n' +
        'Nothing was changed in a.\nNo files were modified.',
    )
  })

  test('[EDIT-18] a file that is still needed is not asked for any more', () => {
    const stream = createEditStream({ format: 'applyPatch', nextHunkId: () => 'h' })
    stream.push(`${begin}*** Delete File: a\n`)
    expect(stream.cut()).toEqual([])
    expect(stream.provide('a', { target: new MemoryTarget('a\n') })).toEqual([])
    expect(stream.outcome()).toEqual({
      ok: false,
      message: 'The edit was cut off.\nNo files were modified.',
      files: [],
    })
  })
})
