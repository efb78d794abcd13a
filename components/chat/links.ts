export interface SafeLink {
  readonly href: string
  /** What to show of where it leads: a host or a mail address. */
  readonly host: string
}

/** Only web and mail addresses; anything else a model writes is text. */
export function parseSafeLink(url: string): SafeLink | undefined {
  if (!/^(?:https?|mailto):/i.test(url)) return undefined
  try {
    const parsed = new URL(url)
    if (parsed.protocol === 'mailto:') return { href: parsed.href, host: parsed.pathname }
    // `https://good.example@evil.example` shows the host it really leads to.
    return { href: parsed.href, host: parsed.host }
  } catch {
    return undefined
  }
}

export interface FileLink {
  readonly path: string
  readonly line: number | undefined
}

const fileLink =
  /^(?:\.\/)?([\w@.+-]+(?:\/[\w@.+ -]+)*\.[a-z]\w{0,9}|[\w@.+-]+(?:\/[\w@.+-]+)+)(?:(?::|#L)(\d{1,7})(?:[-:–]L?\d+)?)?$/i

/** `src/a.ts:10` or `src/a.ts#L10`. Alone, a word with a dot is a file only if it carries a line: `foo.bar` is code. */
export function parseFileLink(text: string, options: { readonly sure: boolean }): FileLink | undefined {
  const match = fileLink.exec(text)
  const path = match?.[1]
  if (path === undefined || path.split('/').includes('..')) return undefined
  const line = match?.[2] === undefined ? undefined : Number(match[2])
  const looksLikeFile = /\.[a-z]\w{0,9}$/i.test(path) && (path.includes('/') || line !== undefined)
  return options.sure || looksLikeFile ? { path, line } : undefined
}
