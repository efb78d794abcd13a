import { expect, test } from 'vitest'
import { readPatch } from './patch-files.ts'

test('[LOOK-1] what git writes is read by file and line; a removed line that looks like a head is a line', () => {
  const patch = [
    'diff --git a/src/a b.ts b/src/a b.ts',
    'index 16ea789..b0832eb 100644',
    '--- a/src/a b.ts\t',
    '+++ b/src/a b.ts\t',
    '@@ -3,3 +3,3 @@ export const limits = {',
    ' one',
    '--- two',
    '+two',
    ' three',
    '@@ -9 +9,2 @@',
    '-nine',
    '+nine',
    '+ten',
    '\\ No newline at end of file',
    'diff --git a/new.ts b/new.ts',
    'new file mode 100644',
    '--- /dev/null',
    '+++ b/new.ts',
    '@@ -0,0 +1 @@',
    '+first',
    'diff --git a/gone.ts b/gone.ts',
    'deleted file mode 100644',
    '--- a/gone.ts',
    '+++ /dev/null',
    '@@ -1 +0,0 @@',
    '-last',
    'diff --git a/mark.png b/mark.png',
    'Binary files a/mark.png and b/mark.png differ',
    '',
  ].join('\n')
  expect(readPatch(patch)).toEqual([
    {
      path: 'src/a b.ts',
      kind: 'update',
      added: 3,
      removed: 2,
      hunks: [
        {
          place: 'export const limits = {',
          lines: [
            { kind: 'same', text: 'one', before: 3, after: 3 },
            { kind: 'removed', text: '-- two', before: 4 },
            { kind: 'added', text: 'two', after: 4 },
            { kind: 'same', text: 'three', before: 5, after: 5 },
          ],
        },
        {
          place: '',
          lines: [
            { kind: 'removed', text: 'nine', before: 9 },
            { kind: 'added', text: 'nine', after: 9 },
            { kind: 'added', text: 'ten', after: 10 },
          ],
        },
      ],
    },
    {
      path: 'new.ts',
      kind: 'add',
      added: 1,
      removed: 0,
      hunks: [{ place: '', lines: [{ kind: 'added', text: 'first', after: 1 }] }],
    },
    {
      path: 'gone.ts',
      kind: 'delete',
      added: 0,
      removed: 1,
      hunks: [{ place: '', lines: [{ kind: 'removed', text: 'last', before: 1 }] }],
    },
    { path: 'mark.png', kind: 'update', added: 0, removed: 0, hunks: [] },
  ])
  expect(readPatch('')).toEqual([])
})
