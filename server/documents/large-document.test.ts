import { expect, test } from 'vitest'
import { textOf } from '../../core/document/document-text.ts'
import { DocumentsWorld, workspaceId } from '../testing/documents-world.ts'

const line = (n: number) => `Line ${n} of a text that is longer than most.\n`
/** About 12 MB. */
const text = Array.from({ length: 260_000 }, (_, n) => line(n)).join('')

test('[LIVE-20] a document of 12 MB is opened, typed in, edited by the model, undone to the byte and merged like any other', async () => {
  const world = await DocumentsWorld.create({ 'big.txt': text })
  const browser = await world.join('big.txt')
  await browser.type('typed ', line(200_000))
  const turn = world.snapshots()
  await turn.note(workspaceId, 'big.txt')
  const { session, undoable } = world.edit(turn)
  const changed = [10, 130_000, 259_990]
  session.push(
    [
      '*** Begin Patch',
      '*** Update File: big.txt',
      ...changed.flatMap((n) => ['@@', `-${line(n)}+LINE ${n}`]),
      '*** End Patch',
      '',
    ].join('\n'),
  )
  expect(await session.finish()).toMatchObject({ ok: true })
  const typed = text.replace(line(200_000), `typed ${line(200_000)}`)
  const edited = changed.reduce((all, n) => all.replace(line(n), `LINE ${n}\n`), typed)
  const same = (a: string | undefined, b: string) => a === b
  expect(same(browser.text(), edited)).toBe(true)
  expect(same(await world.read('big.txt'), edited)).toBe(true)
  await world.revert(undoable())
  expect(same(browser.text(), typed)).toBe(true)
  await world.write('big.txt', typed.replace(line(77), 'from elsewhere\n'))
  world.tellDisk({ path: 'big.txt', kind: 'changed' })
  await world.flush()
  expect(world.merged).toEqual(['big.txt:78'])
  world.crash()
  const { doc } = await world.open('big.txt')
  expect(same(textOf(doc).toString(), typed.replace(line(77), 'from elsewhere\n'))).toBe(true)
  await world.destroy()
  expect(world.bugs).toEqual([])
})
