/** Milliseconds of the monotonic clock that all processes of this machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Milliseconds since 1970 with a fraction, for comparing with a page's clock. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now()
}
