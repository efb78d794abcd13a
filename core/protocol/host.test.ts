import { expect, test } from 'vitest'
import { connectTarget, hostSchema, matchesHost } from './host.ts'

test('[EGRESS-1] a host is a name, or all below one, with the port of https unless another is named', () => {
  const same: readonly (readonly [string, string])[] = [
    ['example.com', 'example.com:443'],
    ['Example.COM', 'example.com.:443'],
    ['*.example.com', 'a.b.example.com:443'],
    ['example.com:8443', 'example.com:8443'],
  ]
  for (const [pattern, given] of same)
    expect([pattern, given, matchesHost(pattern, given)]).toEqual([pattern, given, true])
  const others: readonly (readonly [string, string])[] = [
    ['example.com', 'example.com:80'],
    ['example.com', 'a.example.com:443'],
    ['*.example.com', 'example.com:443'],
    ['*.example.com', 'notexample.com:443'],
    ['example.com', 'example.com.evil.test:443'],
    ['example.com:8443', 'example.com:443'],
  ]
  for (const [pattern, given] of others)
    expect([pattern, given, matchesHost(pattern, given)]).toEqual([pattern, given, false])
  for (const wrong of [
    '',
    '*',
    '*.',
    'a b',
    'http://a.test',
    'a.test/x',
    'a.test:0',
    'user@a.test',
    '.a.test',
  ])
    expect([wrong, hostSchema.safeParse(wrong).success]).toEqual([wrong, false])
})

test('[EGRESS-1] a connection is to a name and a port; an address in whatever spelling is none', () => {
  expect(connectTarget('Example.com.:443')).toEqual({ host: 'example.com', port: 443 })
  const wrong = [
    'example.com',
    'example.com:0',
    'example.com:70000',
    '127.0.0.1:443',
    '127.1:443',
    '2130706433:443',
    '0x7f.1:443',
    'a.0x7f000001:443',
    '[::1]:443',
    'user@example.com:443',
    'example.com:443/path',
    'http://example.com:443',
  ]
  for (const authority of wrong) expect([authority, connectTarget(authority)]).toEqual([authority, undefined])
})
