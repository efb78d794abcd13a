import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { report } from '../src/report.ts'

const text = '# sales\n2026-01-01; North; 10.5\n2026-01-02; North; -0.75\n\n2026-01-01; South; 200\n2026-01-01; East; 200.00\n'

test('it does what it did', () => {
  assert.equal(
    report(text),
    ['shop   days  amount', 'East      1  200.00', 'South     1  200.00', 'North     2    9.75'].join('\n'),
  )
  assert.equal(report(''), 'shop  days  amount')
  assert.match(report('2026-01-01;A;-0.05'), /-0\.05/)
})

test('it refuses what it refused', () => {
  assert.throws(() => report('x;A;1'), /line 1: no day/)
  assert.throws(() => report('\n2026-01-01;;1'), /line 2: no shop/)
  assert.throws(() => report('2026-01-01;A;1.234'), /line 1: no amount/)
})

const read = (name: string) => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8')

test('the four files are there, none is long, and report is put together by the others', () => {
  for (const name of ['parse.ts', 'totals.ts', 'format.ts', 'report.ts']) {
    const lines = read(name).trimEnd().split('\n').length
    assert.ok(lines <= 40, `${name} has ${lines} lines`)
    if (name !== 'report.ts') assert.doesNotMatch(read(name), /from '\.\/report/)
  }
  for (const name of ['parse', 'totals', 'format']) assert.match(read('report.ts'), new RegExp(`from '\\./${name}`))
})

test('no line of work is there twice', () => {
  const lines = readdirSync(new URL('../src', import.meta.url))
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => read(name).split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.length > 45 && !line.startsWith('import'))
  assert.deepEqual(
    lines.filter((line, index) => lines.indexOf(line) !== index),
    [],
  )
})
