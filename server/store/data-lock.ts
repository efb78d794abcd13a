import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface DataLock {
  release(): void
}

/**
 * Takes the data folder for this process, or throws naming the process that has it. The lock is the kernel's (held
 * through SQLite), so it ends with its owner however that dies; `tandem.lock` only tells people who it is.
 */
export function lockDataFolder(folder: string): DataLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const note = join(folder, 'tandem.lock')
  const lock = new DatabaseSync(join(folder, 'tandem.lock.db'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    throw new Error(
      `The data folder ${folder} is in use by process ${readOwner(note)}. Stop it first, or use --data.`,
    )
  }
  writeFileSync(note, `${process.pid}\n`)
  let held = true
  return {
    release() {
      if (!held) return
      held = false
      rmSync(note, { force: true })
      lock.close()
    },
  }
}

function readOwner(note: string): string {
  try {
    return readFileSync(note, 'utf8').trim()
  } catch {
    return '(unknown)'
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
