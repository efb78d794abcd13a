import { expect, test } from 'vitest'
import { type Architecture, seccompFilter } from './seccomp.ts'

const audit = { x64: 0xc000003e, arm64: 0xc00000b7 }

interface Call {
  readonly number: number
  readonly arguments?: readonly number[]
  readonly audit?: number
}

/** Runs the filter as the kernel does. */
function verdict(architecture: Architecture, call: Call): string {
  const program = seccompFilter(architecture)
  const data = Buffer.alloc(64)
  data.writeUInt32LE(call.number, 0)
  data.writeUInt32LE(call.audit ?? audit[architecture], 4)
  for (const [index, value] of (call.arguments ?? []).entries()) data.writeUInt32LE(value, 16 + 8 * index)
  let accumulator = 0
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at)
    const k = program.readUInt32LE(at + 4)
    if (code === 0x06) return k === 0x7fff0000 ? 'allow' : k === 0x80000000 ? 'kill' : `errno ${k & 0xffff}`
    if (code === 0x20) accumulator = data.readUInt32LE(k)
    else {
      const holds: Readonly<Record<number, boolean>> = {
        21: accumulator === k,
        37: accumulator > k,
        53: accumulator >= k,
        69: (accumulator & k) !== 0,
      }
      at += 8 * program.readUInt8(at + (holds[code] ? 2 : 3))
    }
  }
  return 'past the end'
}

const numbers = {
  x64: { read: 0, ptrace: 101, clone: 56, unshare: 272, socket: 41, ioctl: 16, mount: 165 },
  arm64: { read: 63, ptrace: 117, clone: 220, unshare: 97, socket: 198, ioctl: 29, mount: 40 },
}

for (const architecture of ['x64', 'arm64'] as const) {
  const { read, ptrace, clone, unshare, socket, ioctl, mount } = numbers[architecture]
  const answer = (number: number, ...args: number[]) => verdict(architecture, { number, arguments: args })

  test(`[SANDBOX-11] on ${architecture} ordinary calls pass and the listed ones are refused`, () => {
    expect([
      answer(read),
      answer(clone, 0x11),
      answer(socket, 1),
      answer(socket, 10),
      answer(ioctl, 0, 0x5413),
    ]).toEqual(Array.from({ length: 5 }, () => 'allow'))
    expect([ptrace, mount, 425, 438].map((number) => answer(number))).toEqual(
      Array.from({ length: 4 }, () => 'errno 1'),
    )
    expect([answer(435), answer(9999)]).toEqual(['errno 38', 'errno 38'])
    expect([answer(socket, 40), answer(socket, 17), answer(ioctl, 0, 0x5412)]).toEqual(
      Array.from({ length: 3 }, () => 'errno 1'),
    )
  })

  test(`[SANDBOX-11] on ${architecture} every kind of new namespace is refused`, () => {
    for (const bit of [17, 25, 26, 27, 28, 29, 30]) {
      expect([answer(clone, 2 ** bit + 0x11), answer(unshare, 2 ** bit)]).toEqual(['errno 1', 'errno 1'])
    }
    expect([answer(unshare, 0x80), answer(unshare, 0x400)]).toEqual(['errno 1', 'allow'])
  })

  test(`[SANDBOX-11] on ${architecture} calls in another machine’s way end the process`, () => {
    expect(verdict(architecture, { number: read, audit: 0x40000003 })).toBe('kill')
  })
}

test('[SANDBOX-11] the second numbering of x64 is said not to exist', () => {
  expect(verdict('x64', { number: 0x40000000 + 101 })).toBe('errno 38')
})
