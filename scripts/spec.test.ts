import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './lib/root.mjs'

const ruleId = '[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\\d+[a-z]?'
const specs = ['core/SPEC.md', 'server/SPEC.md']
const tests = [
  '{core,server,client,components,scripts}/**/*.test.ts',
  '{core,server,client}/**/*.contract.ts',
  'e2e/**/*.spec.ts',
]

test('[GROUND-1] every rule has a test whose name starts with its id', () => {
  const tested = new Set(testNames().map(({ id }) => id))
  expect(rulesOf(specs).filter((id) => !tested.has(id))).toEqual([])
})

test('[GROUND-2] every test names a rule that exists', () => {
  const rules = new Set(rulesOf(specs))
  const strays = testNames().filter(({ id }) => id === undefined || !rules.has(id))
  expect(strays.map(({ file, name }) => `${file}: ${name}`)).toEqual([])
})

test('[GROUND-3] a rule id is given once', () => {
  const ids = rulesOf(specs)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

function rulesOf(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(new RegExp(`^- \\*\\*(${ruleId})\\*\\*`, 'gm'))].map((match) => match[1] ?? '')
  })
}

function testNames() {
  return tests
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((file) => !/(^|\/)node_modules\/|^server\/sample-project\//.test(file))
    .flatMap((file) => namesIn(file))
}

/** Names given to `test`, `it`, their variants and tables. */
function namesIn(file: string) {
  const text = readFileSync(join(root, file), 'utf8')
  const call =
    /(?:^|[\s;{(])(?:test|it)(?:\.(?:only|skip|fails|concurrent|sequential|prop|each|for)(?:\([^'"`]*?\))?)*\(\s*(['"`])(.*?)\1/gms
  return [...text.matchAll(call)].map((match) => {
    const name = match[2] ?? ''
    return { file, name, id: new RegExp(`^\\[(${ruleId})\\] `).exec(name)?.[1] }
  })
}
