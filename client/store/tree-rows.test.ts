import { expect, test } from 'vitest'
import type { FileEntry } from '../../core/protocol/workspace.ts'
import { findByTyping, stepInTree, treeRows } from './tree-rows.ts'

const entry = (path: string, kind: FileEntry['kind'] = 'file'): FileEntry => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  kind,
  ignored: false,
})
const folders = {
  '': { entries: [entry('lib', 'folder'), entry('src', 'folder'), entry('a.md')], truncated: false },
  src: { entries: [entry('src/x.ts'), entry('src/xy.ts')], truncated: true },
  lib: { entries: [], truncated: false },
}

test('[TREE-1] only open folders show what is in them, with a note where there is nothing or more', () => {
  const rows = treeRows({ folders, expanded: ['src', 'lib'], naming: undefined })
  expect(rows.map(({ key, depth }) => `${depth} ${key}`)).toEqual([
    '0 lib',
    '1 empty:lib',
    '0 src',
    '1 src/x.ts',
    '1 src/xy.ts',
    '1 truncated:src',
    '0 a.md',
  ])
  expect(treeRows({ folders, expanded: [], naming: undefined })).toHaveLength(3)
})

test('[TREE-2] a new name is typed at the head of its folder', () => {
  const rows = treeRows({ folders, expanded: ['src'], naming: { type: 'new', kind: 'file', folder: 'src' } })
  expect(rows[2]).toEqual({ type: 'new', key: 'new:src', depth: 1, kind: 'file', folder: 'src' })
})

test('[TREE-3] keys move over entries and stop at the ends; letters find names, round the end', () => {
  const rows = treeRows({ folders, expanded: ['src'], naming: undefined })
  expect(stepInTree(rows, 'src', 'ArrowDown', 10)).toBe('src/x.ts')
  expect(stepInTree(rows, 'lib', 'ArrowUp', 10)).toBe('lib')
  expect(stepInTree(rows, 'src/xy.ts', 'ArrowDown', 10)).toBe('a.md')
  expect(stepInTree(rows, 'lib', 'PageDown', 3)).toBe('src/xy.ts')
  expect(stepInTree(rows, 'lib', 'End', 10)).toBe('a.md')
  expect(stepInTree(rows, 'lib', 'F2', 10)).toBe(undefined)
  expect(findByTyping(rows, 'lib', 'x')).toBe('src/x.ts')
  expect(findByTyping(rows, 'src/x.ts', 'x')).toBe('src/xy.ts')
  expect(findByTyping(rows, 'src/x.ts', 'xy')).toBe('src/xy.ts')
  expect(findByTyping(rows, 'a.md', 'L')).toBe('lib')
  expect(findByTyping(rows, 'lib', 'zz')).toBe(undefined)
})
