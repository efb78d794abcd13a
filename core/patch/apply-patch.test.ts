import { describe, expect, test } from 'vitest'
import { applyPatch } from './apply-patch.ts'

const begin = '*** Begin Patch\n'
const end = '*** End Patch'
const validHeaders =
  "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'"
const validLines = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"

/** A patch that updates file `a`. */
function update(body: string): string {
  return `${begin}*** Update File: a\n${body}${end}`
}

/** The files after the patch, or what it failed with. */
function applied(patch: string, files: Record<string, string>): Record<string, string> | string {
  const result = applyPatch(patch, new Map(Object.entries(files)))
  if (!result.ok) return result.error
  const after = new Map(Object.entries(files))
  for (const [path, text] of result.value.changes) {
    if (text === undefined) after.delete(path)
    else after.set(path, text)
  }
  return Object.fromEntries(after)
}

type Files = Record<string, string>
/** Rows of: what is shown, the body of an update of `a`, `a` before, `a` after. */
type Row = readonly [string, string, string, string]

describe('where old lines are looked for', () => {
  const places: readonly Row[] = [
    ['to the letter', '@@\n-a\n+b\n', 'a\n', 'b\n'],
    ['without trailing space', '@@\n-a\n b\n+A\n', 'a  \nb\t\n', 'b\t\nA\n'],
    ['trimmed', '@@\n-a\n b\n+A\n', '  a  \n\tb\t\n', '\tb\t\nA\n'],
    [
      'dashes and quotes made plain',
      '@@\n-a - \'q\' "z"\n+A\n',
      'a \u2013 \u2018q\u2019 \u201cz\u201d\n',
      'A\n',
    ],
    ['minus sign and odd spaces made plain', '@@\n-1 - 2 3\n+A\n', '1\u00a0\u2212\u30002\u20033\n', 'A\n'],
    ['a later exact place beats an earlier trimmed one', '@@\n-a\n+A\n', '  a\na\n', '  a\nA\n'],
    ['the first of equal places', '@@\n-a\n+A\n', 'a\na\na\n', 'A\na\na\n'],
    ['each chunk after the one before', '@@\n-a\n+A\n@@\n-a\n+B\n', 'a\na\na\n', 'A\nB\na\n'],
  ]
  test.each(places)('[EDIT-2] %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })

  test('[EDIT-3] missing old text fails with the text, and nothing changes', () => {
    const patch = update('@@\n-a\n+A\n@@\n ctx\n-nope\n+b\n')
    expect(applied(patch, { a: 'a\n' })).toBe('Failed to find expected lines in a:\nctx\nnope')
  })

  test('[EDIT-3] chunks that are not in the order of the file fail', () => {
    expect(applied(update('@@\n-b\n+B\n@@\n-a\n+A\n'), { a: 'a\nb\n' })).toMatch(
      /^Failed to find expected lines in a:\na$/,
    )
  })
})

describe('the line after @@', () => {
  const headers: readonly Row[] = [
    ['moves on to after it', '@@ f\n-a\n+A\n', 'a\nf\na\n', 'a\nf\nA\n'],
    ['is itself looked for leniently', '@@ a - b\n-c\n+A\n', 'a \u2014 b\nc\n', 'a \u2014 b\nA\n'],
    ['may have space around it', '@@   b  \n-c\n+d\n', 'a\n  b\nc\n', 'a\n  b\nd\n'],
    ['may be blank', '@@   \n-a\n+b\n', 'a\n', 'b\n'],
    ['may be left out of the first chunk', '-a\n+b\n', 'a\n', 'b\n'],
  ]
  test.each(headers)('[EDIT-4] %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })

  test('[EDIT-4] a line that is not there fails', () => {
    expect(applied(update('@@ nope\n-a\n+b\n'), { a: 'a\n' })).toBe("Failed to find context 'nope' in a")
  })
})

describe('the end of the file', () => {
  const ends: readonly Row[] = [
    ['of equal places the last is meant', '@@\n-a\n+b\n*** End of File\n', 'a\nx\na\n', 'a\nx\nb\n'],
    ['the marker may have space after it', '@@\n-a\n+b\n*** End of File \n', 'a\nc\na\n', 'a\nc\nb\n'],
    ['with a last blank line', '@@\n-a\n+b\n \n*** End of File\n', 'a\nx\na\n', 'a\nx\nb\n'],
    ['before the first chunk the marker says nothing', '*** End of File\n@@\n-a\n+b\n', 'a\nc\n', 'b\nc\n'],
  ]
  test.each(ends)('[EDIT-5] %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })

  const misplacedEnds = [
    ['old text elsewhere', '@@\n-a\n+b\n*** End of File\n', 'a\nx\ny\n', 'a'],
    ['old text before the chunk above', '@@\n-a\n-x\n+b\n@@\n-x\n+q\n*** End of File\n', 'a\nx\n', 'x'],
    ['more old text than the file has', '@@\n-a\n-b\n+q\n*** End of File\n', 'a\n', 'a\nb'],
  ]
  test.each(misplacedEnds)('[EDIT-5] %s fails', (_, body, before, missing) => {
    expect(applied(update(body), { a: before })).toBe(`Failed to find expected lines in a:\n${missing}`)
  })

  const additions: readonly Row[] = [
    ['new lines alone', '@@\n+b\n', 'a\n', 'a\nb\n'],
    ['below a last blank line', '@@\n+b\n', 'a\n\n', 'a\n\nb\n'],
    ['in an empty file', '@@\n+b\n', '', 'b\n'],
    ['in a file of one blank line', '@@\n+b\n', '\n', '\nb\n'],
    ['in order', '@@\n+b\n@@\n+c\n', 'a\n', 'a\nb\nc\n'],
    ['also with a line after @@', '@@ a\n+x\n', 'a\nb\n', 'a\nb\nx\n'],
    ['whatever is replaced afterwards', '@@\n+b\n@@\n-a\n+c\n', 'x\na\n', 'x\nc\nb\n'],
    ['above lines a later chunk puts below the last', '@@\n+b\n@@\n a\n+c\n', 'a\n', 'a\nb\nc\n'],
  ]
  test.each(additions)('[EDIT-6] %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })

  const blanks: readonly Row[] = [
    ['as context', '@@\n-a\n+b\n \n', 'x\na\n', 'x\nb\n'],
    ['as a removed line', '@@\n-a\n-\n+b\n', 'x\na\ny\n', 'x\nb\ny\n'],
    ['as an empty line of the patch', '@@\n-a\n+b\n\n@@\n-c\n+d\n', 'a\nc\n', 'b\nd\n'],
    ['above new lines it is new itself', '@@\n a\n \n+b\n', 'x\na\n', 'x\na\n\nb\n'],
    ['with a last new blank line it takes that along', '@@\n a\n-\n+b\n+\n', 'x\na\n', 'x\na\nb\n'],
    ['alone it is the place after the chunk above', '@@ x\n+q\n \n', 'x\na\n', 'x\nq\na\n'],
    ['that the file has is kept', '@@\n-a\n+b\n\n', 'a\n\nc\n', 'b\n\nc\n'],
  ]
  test.each(blanks)('[EDIT-7] a last old blank line that the file lacks: %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })

  test('[EDIT-7] only one is left out', () => {
    expect(applied(update('@@\n-a\n-\n-\n+b\n'), { a: 'x\na\n' })).toBe(
      'Failed to find expected lines in a:\na\n\n',
    )
  })

  const lineEnds: readonly Row[] = [
    ['after the change', '@@\n-a\n+b\n', 'a', 'b\n'],
    ['far from the change', '@@\n-a\n+b\n', 'a\nz', 'b\nz\n'],
    ['without a change', '@@\n a\n', 'a', 'a\n'],
    ['before new lines', '@@\n+b\n', 'a', 'a\nb\n'],
    ['when the last line goes', '@@\n-b\n', 'a\nb', 'a\n'],
    ['but an empty file stays empty', '@@\n-a\n', 'a', ''],
    ['and blank lines at the end stay', '@@\n-b\n', 'a\n\nb\n', 'a\n\n'],
  ]
  test.each(lineEnds)('[EDIT-8] %s', (_, body, before, after) => {
    expect(applied(update(body), { a: before })).toEqual({ a: after })
  })
})

describe('whole files', () => {
  const additionsOfFiles: readonly (readonly [string, string, Files, Files])[] = [
    ['a new file', '*** Add File: n/m\n+x\n+\n+y\n', {}, { 'n/m': 'x\n\ny\n' }],
    ['an empty one', '*** Add File: n\n', {}, { n: '' }],
    ['in place of one that is there', '*** Add File: n\n+x\n', { n: 'old\n' }, { n: 'x\n' }],
    ['twice', '*** Add File: n\n+x\n*** Add File: n\n+y\n', {}, { n: 'y\n' }],
    ['and changed at once', '*** Add File: n\n+x\n*** Update File: n\n@@\n-x\n+y\n', {}, { n: 'y\n' }],
  ]
  test.each(additionsOfFiles)('[EDIT-9] %s', (_, body, before, after) => {
    expect(applied(begin + body + end, before)).toEqual(after)
  })

  test('[EDIT-10] a deleted file is gone; one that is not there fails', () => {
    const patch = `${begin}*** Delete File: b\n${end}`
    expect(applied(patch, { a: 'x', b: 'y' })).toEqual({ a: 'x' })
    expect(applied(patch, { a: 'x' })).toBe('Failed to delete file b')
  })

  const moves: readonly (readonly [string, Files, Files])[] = [
    ['to a new name', { a: 'a\n' }, { b: 'b\n' }],
    ['over another file', { a: 'a\n', b: 'old\n' }, { b: 'b\n' }],
  ]
  test.each(moves)('[EDIT-11] moved %s', (_, before, after) => {
    expect(applied(update('*** Move to: b  \n@@\n-a\n+b\n'), before)).toEqual(after)
  })

  test('[EDIT-11] moved to its own name it stays', () => {
    expect(applied(update('*** Move to: a\n@@\n-a\n+b\n'), { a: 'a\n' })).toEqual({ a: 'b\n' })
  })

  test('[EDIT-11] a move without a chunk and a move out of place are no patch', () => {
    expect(applied(update('*** Move to: b\n'), { a: 'a\n' })).toBe(
      "Invalid patch hunk on line 2: Update file hunk for path 'a' is empty",
    )
    expect(applied(update('@@\n-a\n+b\n*** Move to: b\n'), { a: 'a\n' })).toBe(
      "Invalid patch hunk on line 6: Expected update hunk to start with a @@ context marker, got: '*** Move to: b'",
    )
  })

  test('[EDIT-11] a name that cannot be had fails the move', () => {
    const files = new Map<string, string | { problem: string }>([
      ['a', 'a\n'],
      ['b', { problem: 'b may not be used' }],
    ])
    expect(applyPatch(update('*** Move to: b\n@@\n-a\n+b\n'), files)).toEqual({
      ok: false,
      error: 'b may not be used',
    })
  })
})

describe('what may stand around a patch', () => {
  const patch = update('@@\n-a\n+b\n')
  const wrappers = [
    ['space around markers', '  *** Begin Patch  \n  *** Update File: a  \n@@\n-a\n+b\n  *** End Patch  \n'],
    ['blank lines', `\n\n${patch}\n\n  \n`],
    ['a second end', `${patch}\n${end}\n`],
    ["<<'EOF'", `<<'EOF'\n${patch}\nEOF\n`],
    ['<<"EOF"', `<<"EOF"\n${patch}\nEOF\n`],
    ['<<EOF', `<<EOF\n${patch}\nEOF`],
    ["apply_patch <<'PATCH'", `apply_patch <<'PATCH'\n${patch}\nPATCH\n`],
    ['a shell', `bash -lc "apply_patch <<'PATCH'\n${patch}\nPATCH\n"`],
    ['a code fence', `\`\`\`diff\n${patch}\n\`\`\`\n`],
    ['CRLF line ends', patch.replaceAll('\n', '\r\n')],
  ]
  test.each(wrappers)('[EDIT-12] %s', (_, text) => {
    expect(applied(text, { a: 'a\n' })).toEqual({ a: 'b\n' })
  })

  test('[EDIT-12] markers with space or + before them are lines of the file', () => {
    const body = '@@\n *** Update File: q\n- *** End Patch\n+*** End Patch\n *** End Patch\n'
    const before = '*** Update File: q\n *** End Patch\n*** End Patch\n'
    expect(applied(update(body), { a: before })).toEqual({
      a: '*** Update File: q\n*** End Patch\n*** End Patch\n',
    })
  })
})

describe('what is no patch', () => {
  const broken = [
    ['nothing', '', "Invalid patch: The last line of the patch must be '*** End Patch'"],
    ['words', 'bad', "Invalid patch: The first line of the patch must be '*** Begin Patch'"],
    [
      'words before',
      `hello\n${update('@@\n-a\n+b\n')}`,
      "Invalid patch: The first line of the patch must be '*** Begin Patch'",
    ],
    [
      'no end',
      `${begin}*** Update File: a\n@@\n-a\n+b\n`,
      "Invalid patch: The last line of the patch must be '*** End Patch'",
    ],
    [
      'words after',
      `${update('@@\n-a\n+b\n')}\nwords`,
      "Invalid patch: The last line of the patch must be '*** End Patch'",
    ],
    [
      'files after',
      `${update('@@\n-a\n+b\n')}\n*** Delete File: a\n${end}`,
      "Invalid patch: The last line of the patch must be '*** End Patch'",
    ],
    ['no file', begin + end, 'No files were modified.'],
    [
      'an unknown header',
      `${begin}*** Frob: x\n${end}`,
      `Invalid patch hunk on line 2: '*** Frob: x' is not a valid hunk header. ${validHeaders}`,
    ],
    [
      'a header without a path',
      `${begin}*** Add File: \n+y\n${end}`,
      `Invalid patch hunk on line 2: '*** Add File:' is not a valid hunk header. ${validHeaders}`,
    ],
    [
      'a file without lines',
      update(''),
      "Invalid patch hunk on line 2: Update file hunk for path 'a' is empty",
    ],
    [
      'stacked headers',
      update('@@ a\n@@ b\n-c\n+d\n'),
      `Invalid patch hunk on line 4: Unexpected line found in update hunk: '@@ b'. ${validLines}`,
    ],
    [
      'a chunk without lines',
      update('@@\n'),
      'Invalid patch hunk on line 4: Update hunk does not contain any lines',
    ],
    [
      'only the end marker',
      update('@@\n*** End of File\n'),
      'Invalid patch hunk on line 4: Update hunk does not contain any lines',
    ],
    [
      'a line without a mark',
      update('@@\nbad\n'),
      `Invalid patch hunk on line 4: Unexpected line found in update hunk: 'bad'. ${validLines}`,
    ],
    [
      'a line without a mark after others',
      update('@@\n-a\nbad\n'),
      "Invalid patch hunk on line 5: Expected update hunk to start with a @@ context marker, got: 'bad'",
    ],
    [
      'lines after the end marker',
      update('@@\n-a\n+b\n*** End of File\n-c\n'),
      "Invalid patch hunk on line 7: Expected update hunk to start with a @@ context marker, got: '-c'",
    ],
    [
      'a bare line in a new file',
      `${begin}*** Add File: n\n+x\nbad\n${end}`,
      `Invalid patch hunk on line 4: 'bad' is not a valid hunk header. ${validHeaders}`,
    ],
    [
      'lines under a deleted file',
      `${begin}*** Delete File: a\n-x\n${end}`,
      `Invalid patch hunk on line 3: '-x' is not a valid hunk header. ${validHeaders}`,
    ],
  ]
  test.each(broken)('[EDIT-13] %s', (_, patch, message) => {
    expect(applied(patch, { a: 'a\nc\n' })).toBe(message)
  })
})

test('[EDIT-22] a whole patch changes all its files or none', () => {
  const good = '*** Add File: n\n+x\n*** Delete File: b\n*** Update File: a\n@@\n-a\n+A\n'
  const files = new Map([
    ['a', 'a\n'],
    ['b', 'b\n'],
  ])
  expect(applyPatch(begin + good + end, files)).toEqual({
    ok: true,
    value: {
      message: 'Success. Updated the following files:\nA n\nM a\nD b',
      changes: new Map([
        ['n', 'x\n'],
        ['b', undefined],
        ['a', 'A\n'],
      ]),
    },
  })
  const bad = `${begin}${good}*** Update File: gone\n@@\n-a\n+A\n${end}`
  expect(applyPatch(bad, files)).toEqual({
    ok: false,
    error: 'Failed to read file to update gone: No such file or directory (os error 2)',
  })
})
