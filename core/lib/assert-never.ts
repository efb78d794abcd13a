/** Marks a union as exhausted: a compile error when a member is added, a thrown bug report when one slips in. */
export function assertNever(value: never, what: string): never {
  throw new Error(`unexpected ${what}: ${JSON.stringify(value)}`)
}

/** For values a newer peer may send: a compile error for us, silence for them. */
export function softAssertNever(_value: never): void {}

/** States a belief; throws `because` when it is wrong. For bugs only, never for bad input. */
export function assert(belief: unknown, because: string): asserts belief {
  if (!belief) throw new Error(`broken belief: ${because}`)
}
