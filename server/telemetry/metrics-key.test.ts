import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMetricsKey } from './metrics-key.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const modeOf = (file: string) => statSync(file).mode & 0o777

test('[RELAY-40] the key of the metrics is made once, for every later start, and only its owner reads the file', () => {
  const file = join(folder, 'metrics.key')
  const key = readMetricsKey(file)
  expect(key.length).toBeGreaterThanOrEqual(32)
  expect(modeOf(file)).toBe(0o600)
  expect(readMetricsKey(file)).toBe(key)
})

test('[RELAY-40] a key of one’s own is taken, its file closed to others; one that can be guessed is refused', () => {
  const file = join(folder, 'metrics.key')
  const own = 'x'.repeat(40)
  writeFileSync(file, `${own}\n`)
  chmodSync(file, 0o644)
  expect(readMetricsKey(file)).toBe(own)
  expect(modeOf(file)).toBe(0o600)
  writeFileSync(file, 'secret\n')
  expect(() => readMetricsKey(file)).toThrow(/at least 32 characters/)
})
