import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onPath } from '../../scripts/lib/runtime.mjs'
import { pieceText } from '../runtime/joined-output.ts'
import { systemTimers } from '../timers.ts'
import { createBwrapRunner } from './bwrap-runner.ts'
import { withCaches } from './with-caches.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-caches-'))
  mkdirSync(join(folder, 'copy'))
  mkdirSync(join(folder, 'cache'))
  writeFileSync(join(folder, 'cache', 'package'), 'a package')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const hasSandbox = process.platform === 'linux' && onPath('bwrap').length > 0

describe.skipIf(!hasSandbox)('in bubblewrap', () => {
  test('[SANDBOX-16] commands read the caches that are shared with them, by the variable of their program, and change none', async () => {
    const cache = join(folder, 'cache')
    const bare = createBwrapRunner({ timers: systemTimers, ownFolder: join(folder, 'own'), hidden: [] })
    const runner = withCaches(bare, { CACHE: cache, OTHER: join(folder, 'none') })
    const said = async (from: typeof bare, command: string) => {
      let text = ''
      await from.run({
        command,
        folder: join(folder, 'copy'),
        onOutput: (piece) => (text += pieceText(piece)),
      })
      return text
    }
    expect(await said(runner, 'cat "$CACHE/package"; echo " ${OTHER-none}"')).toBe('a package none\n')
    expect(
      await said(runner, 'echo b > "$CACHE/package"; echo c > "$CACHE/new"; rm "$CACHE/package"; true'),
    ).toMatch(/Read-only file system/)
    expect(readFileSync(join(cache, 'package'), 'utf8')).toBe('a package')
    expect(existsSync(join(cache, 'new'))).toBe(false)
    // Not shared, it is not there.
    expect(await said(bare, `cat ${cache}/package`)).toMatch(/No such file/)
  })
})
