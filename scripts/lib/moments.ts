/** Flags with which a server tells the moments of its jobs, and dies the nth time at the one that is named. */
export function tellMoments(point = '', nth = 1): readonly string[] {
  const hook = new URL('./crash-at.mjs', import.meta.url)
  hook.search = `point=${point}&nth=${nth}`
  return ['--import', hook.href]
}

/** When each moment first came, by the machine's monotonic clock. */
export function momentsOf(output: string): ReadonlyMap<string, number> {
  return new Map(
    [...output.matchAll(/^moment (\w+) ([\d.]+)$/gm)].map(([, name = '', at]) => [name, Number(at)]),
  )
}
