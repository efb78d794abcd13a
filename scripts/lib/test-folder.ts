import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What tests leave in the system's temporary folder goes with the run, also of tests that failed or were killed. */
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-test-'))
  // Some tests go on as nobody.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
