import { expect, test } from 'vitest'
import { RequestError } from '../../core/protocol/errors.ts'
import { workspaceIdSchema } from '../../core/protocol/ids.ts'
import type { Documents } from '../documents/documents.ts'
import type { DiskChange, Workspace } from '../workspace/workspace.ts'
import { Guidance } from './guidance.ts'

const id = workspaceIdSchema.parse('wsp_1')

async function makeGuidance(options: { watching: boolean }) {
  const files: Record<string, string> = { 'AGENTS.md': 'first' }
  let reads = 0
  let onDisk: (changes: readonly DiskChange[]) => void = () => undefined
  let onText: (path: string) => void = () => undefined
  const workspace = {
    id,
    watching: async () => options.watching,
    onDiskChange(listener: typeof onDisk) {
      onDisk = listener
      return () => undefined
    },
  } as unknown as Workspace
  const documents = {
    async readText(_: unknown, path: string) {
      reads++
      return files[path]
    },
    onText(listener: (workspaceId: typeof id, path: string) => void) {
      onText = (path) => listener(id, path)
      return () => undefined
    },
  } as unknown as Documents
  const guidance = new Guidance(workspace, documents)
  await workspace.watching()
  return {
    files,
    guidance,
    reads: () => reads,
    onDisk: (change: DiskChange) => onDisk([change]),
    onText: (path: string) => onText(path),
  }
}

test('[CONTEXT-4] guidance is kept while changes to it would be seen, and read anew after one', async () => {
  const { files, guidance, reads, onDisk, onText } = await makeGuidance({ watching: true })
  expect(await guidance.read('a.ts')).toBe('first')
  const before = reads()
  onDisk({ path: 'a.ts', kind: 'changed' })
  expect(await guidance.read('b.ts')).toBe('first')
  expect(reads()).toBe(before)
  files['AGENTS.md'] = 'second'
  onDisk({ path: 'AGENTS.md', kind: 'changed' })
  expect(await guidance.read('a.ts')).toBe('second')
  files['AGENTS.md'] = 'typed'
  onText('AGENTS.md')
  expect(await guidance.read('a.ts')).toBe('typed')
})

test('[CONTEXT-4] where changes are not seen nothing is kept', async () => {
  const { files, guidance } = await makeGuidance({ watching: false })
  expect(await guidance.read(undefined)).toBe('first')
  files['AGENTS.md'] = 'second'
  expect(await guidance.read(undefined)).toBe('second')
})

test('[CONTEXT-6] guidance that cannot be read is as none', async () => {
  const { files, guidance } = await makeGuidance({ watching: true })
  Object.defineProperty(files, 'AGENTS.md', {
    get: () => {
      throw new RequestError('pathDenied', 'It leads outside the workspace.')
    },
  })
  expect(await guidance.read('a.ts')).toBeUndefined()
})
