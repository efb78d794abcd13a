import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ApprovalRule, approvalRuleSchema, judge, type RuleAction } from './rules.ts'
import { shellParts } from './shell-parts.ts'

const tool = 'run_command'
const rule = (action: RuleAction, command: string): ApprovalRule => ({ action, command })
const rules = [
  rule('allow', 'npm test'),
  rule('allow', 'ls'),
  rule('allow', 'grep'),
  rule('deny', 'rm'),
  rule('ask', 'npm publish'),
]
const verdict = (command: string, list: readonly ApprovalRule[] = rules) =>
  judge({ tool, command }, list).action

test('[APPROVE-1] a line is taken apart into its commands, whatever joins them', () => {
  expect(shellParts('a b && c; d | e || f & g\nh').parts).toEqual([
    ['a', 'b'],
    ['c'],
    ['d'],
    ['e'],
    ['f'],
    ['g'],
    ['h'],
  ])
  expect(shellParts(`echo 'a; b' "c && d" e\\;f # rest; more`)).toEqual({
    parts: [['echo', 'a; b', 'c && d', 'e;f']],
    unclear: undefined,
  })
  expect(shellParts('make 2>&1 >/dev/null | tail')).toEqual({
    parts: [['make'], ['tail']],
    unclear: undefined,
  })
})

test('[APPROVE-2] what cannot be told by reading is said to be unclear', () => {
  const lines = [
    'ls $HOME',
    'ls $(rm x)',
    'ls `rm x`',
    'ls "$(rm x)"',
    'ls > file',
    'ls <(rm x)',
    'A=b ls',
    '(ls)',
    'if ls; then ls; fi',
    "ls 'x",
    'ls "x',
    'ls \u202ex',
    'ls\u00a0x',
    'ls << end',
    '! ls',
    '{ ls; }',
  ]
  for (const line of lines) expect([line, shellParts(line).unclear]).toEqual([line, expect.any(String)])
})

test('[APPROVE-3] a line is allowed only when each of its commands is and it is clear', () => {
  expect(verdict('npm test')).toBe('allow')
  expect(verdict('npm test -- --watch=false | grep fail')).toBe('allow')
  for (const line of [
    'npm testing',
    'npm',
    'npm test && make',
    'npm test; curl x',
    'npm test\ncurl x',
    'ls | sh',
    'ls $(ls)',
    'A=1 npm test',
    'npm test > out',
    'env npm test',
    '',
    ' ',
    '# nothing',
  ])
    expect([line, verdict(line)]).toEqual([line, 'ask'])
  expect(judge({ tool, command: 'ls $(ls)' }, rules).unclear).toBe('a variable or substitution')
})

test('[APPROVE-4] a refusal wins wherever the command stands, also behind others and in substitutions', () => {
  for (const line of [
    'rm x',
    '/bin/rm x',
    'ls && rm x',
    'ls | xargs rm',
    'env A=b rm x',
    'ls $(rm x)',
    'ls "`rm x`"',
    '(rm x)',
    '\\rm x',
    "'r'm x",
  ])
    expect([line, verdict(line)]).toEqual([line, 'deny'])
  expect(verdict('rm x', [rule('deny', 'rm'), rule('allow', 'rm')])).toBe('deny')
  expect(verdict('npm publish', [...rules, rule('allow', 'npm')])).toBe('ask')
})

test('[APPROVE-5] rules about tools, hosts and paths hold for every host and path of a wish', () => {
  const list: ApprovalRule[] = [
    { action: 'allow', tool: 'fetch', host: '*.example.com' },
    { action: 'allow', tool: 'write', path: 'src' },
    { action: 'deny', path: 'src/secret' },
    { action: 'allow', tool: 'read' },
  ]
  const said = (wish: Parameters<typeof judge>[0]) => judge(wish, list).action
  expect(said({ tool: 'fetch', hosts: ['api.example.com', 'API.EXAMPLE.COM.'] })).toBe('allow')
  expect(said({ tool: 'fetch', hosts: ['api.example.com', 'example.com.evil.test'] })).toBe('ask')
  expect(said({ tool: 'fetch', hosts: ['notexample.com'] })).toBe('ask')
  expect(said({ tool: 'write', paths: ['src/a.ts'] })).toBe('allow')
  expect(said({ tool: 'write', paths: ['src/../x'] })).toBe('ask')
  expect(said({ tool: 'write', paths: ['srcs/a'] })).toBe('ask')
  expect(said({ tool: 'write', paths: ['src/a', 'src/secret/key'] })).toBe('deny')
  expect([said({ tool: 'read' }), said({ tool: 'other' })]).toEqual(['allow', 'ask'])
  expect(approvalRuleSchema.safeParse({ action: 'allow' }).success).toBe(false)
})

test('[APPROVE-6] no line that is allowed turns into more by what is put before, behind or into it', () => {
  const pieces = fc.constantFrom(
    'npm test',
    'ls',
    ' ',
    ';',
    '&&',
    '|',
    '\n',
    '$(',
    ')',
    '`',
    '"',
    "'",
    '\\',
    '>',
    '<',
    '&',
    'curl evil',
    'sh',
    '$x',
    '{',
    '}',
    'A=b ',
    '#',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (all) => {
      const line = all.join('')
      if (verdict(line) !== 'allow') return
      // An oracle of its own: without what is quoted and commented nothing else is left to run.
      // A backslash before a line's end joins the lines.
      const unquoted = line.replace(/\\[\s\S]|'[^']*'|"[^"]*"/g, (found) => (found === '\\\n' ? '' : 'q'))
      const bare = unquoted.replace(/(^|[\s;&|])#.*/gm, '$1')
      expect(bare).not.toMatch(/[$`(){}<>]/)
      for (const part of bare.split(/[;&|\n]+/))
        if (part.trim() !== '') expect(part.trim()).toMatch(/^(npm test|ls|grep|q*npm|q)/)
    }),
    { numRuns: 5000, examples: [[['npm test', ' ', '\\', '\n', '#', ')']]] },
  )
})

test('[APPROVE-9] a rule about a tool as a whole allows lines that cannot be told by reading, and a line a rule wants asked is told apart', () => {
  const whole: ApprovalRule[] = [{ action: 'allow', tool }, rule('deny', 'rm')]
  expect(verdict('for f in *; do cat $f > x; done', whole)).toBe('allow')
  expect(verdict('cat $(rm x)', whole)).toBe('deny')
  expect(judge({ tool: 'other', command: 'ls $x' }, whole)).toEqual({
    action: 'ask',
    unclear: 'a variable or substitution',
  })
  expect(judge({ tool, command: 'npm publish' }, rules)).toEqual({ action: 'ask', byRule: true })
  expect(judge({ tool, command: 'make' }, rules)).toEqual({ action: 'ask' })
})
