import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { errorCode } from '../workspace/error-code.ts'

const leastChars = 32

/** The key that opens the metrics and nothing else: what the file holds, or a new one that is kept there for later starts. */
export function readMetricsKey(file: string): string {
  const key = existing(file)
  if (key === undefined) {
    const made = randomBytes(32).toString('base64url')
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: 'wx' })
    return made
  }
  if (key.length < leastChars)
    throw new Error(
      `${file}: expected a key of at least ${leastChars} characters; remove it to get a new one.`,
    )
  chmodSync(file, 0o600)
  return key
}

function existing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
