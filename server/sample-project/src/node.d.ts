// The parts of Node the tests use, so that nothing needs to be installed.
declare module 'node:test' {
  export default function test(name: string, body: () => void | Promise<void>): void
}

declare module 'node:assert/strict' {
  const assert: {
    equal(actual: unknown, expected: unknown): void
    throws(block: () => void, error?: new (...args: never[]) => Error): void
  }
  export default assert
}
