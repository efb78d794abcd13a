/**
 * Applies a patch of our own making to plain texts, as a reader of the format would: proof that it says what was meant
 * before anyone acts on it. `undefined` when a hunk does not fit.
 */
export function applyOwnPatch(
  patch: string,
  read: (path: string) => string | undefined,
): ReadonlyMap<string, string> | undefined {
  const results = new Map<string, string>()
  const lines = patch.split('\n')
  if (lines[0] !== '*** Begin Patch' || lines.at(-1) !== '*** End Patch') return undefined
  let at = 1
  const until = (): readonly string[] => {
    const start = at
    while (at < lines.length && !/^\*\*\* (?:Add File|Update File|End Patch)/.test(lines[at] ?? '')) at++
    return lines.slice(start, at)
  }
  while (at < lines.length - 1) {
    const head = /^\*\*\* (Add|Update) File: (.+)$/.exec(lines[at++] ?? '')
    if (!head?.[2]) return undefined
    const body = until()
    if (head[1] === 'Add') {
      results.set(head[2], body.map((line) => `${line.slice(1)}\n`).join(''))
      continue
    }
    const text = applyHunks(body, read(head[2]))
    if (text === undefined) return undefined
    results.set(head[2], text)
  }
  return results
}

function applyHunks(body: readonly string[], text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  const output: string[] = []
  let cursor = 0
  let at = 0
  while (at < body.length) {
    const header = body[at++] ?? ''
    if (!header.startsWith('@@')) return undefined
    const hunk: string[] = []
    while (at < body.length && !body[at]?.startsWith('@@')) hunk.push(body[at++] ?? '')
    let from = cursor
    if (header !== '@@') {
      from = lines.indexOf(header.slice(3), cursor) + 1
      if (from === 0) return undefined
    }
    const old = hunk.filter((line) => !line.startsWith('+')).map((line) => line.slice(1))
    let found = from
    while (found + old.length <= lines.length && !old.every((line, i) => lines[found + i] === line)) found++
    if (old.length === 0) found = lines.length
    if (found + old.length > lines.length) return undefined
    output.push(
      ...lines.slice(cursor, found),
      ...hunk.filter((line) => !line.startsWith('-')).map((line) => line.slice(1)),
    )
    cursor = found + old.length
  }
  output.push(...lines.slice(cursor))
  return output.map((line) => `${line}\n`).join('')
}
