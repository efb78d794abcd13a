/** A run of characters of one kind; kinds are the `hl-…` classes of the style sheet. */
export interface Token {
  readonly kind: string | undefined
  readonly text: string
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^(?:comment|quote|doctag)/, 'comment'],
  [/^(?:string|regexp|template-variable|char|subst|link|code)/, 'string'],
  [/^(?:number|symbol|bullet)/, 'number'],
  [/^(?:title|section|selector-(?:id|class))/, 'title'],
  [/^(?:type|class|name|selector-tag|attr|attribute|property|variable|params|tag)/, 'type'],
  [/^(?:keyword|built_in|literal|meta|operator)/, 'keyword'],
  [/^addition/, 'added'],
  [/^deletion/, 'removed'],
]

const piece = /<span class="hljs-([^" ]+)[^"]*">|<\/span>|[^<]+/g
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
}

/** Reads the markup of highlight.js back into text with kinds, so that no markup is ever inserted into the page. */
export function parseHighlighted(html: string): Token[] {
  const tokens: Token[] = []
  const stack: (string | undefined)[] = []
  for (const [whole, scope] of html.matchAll(piece)) {
    if (whole === '</span>') stack.pop()
    else if (scope !== undefined) stack.push(kinds.find(([pattern]) => pattern.test(scope))?.[1])
    else {
      const text = whole.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity] ?? entity)
      tokens.push({ kind: stack.findLast((kind) => kind !== undefined), text })
    }
  }
  return tokens
}

/** Lines of code drawn as one element: what is finished is not laid out again. */
const chunkLines = 40

/** Cuts tokens after every so many lines. The newline between two chunks is left out: chunks are blocks. */
export function chunkTokens(tokens: readonly Token[], linesEach = chunkLines): Token[][] {
  const chunks: Token[][] = [[]]
  let lines = 0
  for (const { kind, text } of tokens) {
    let from = 0
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      lines++
      if (lines % linesEach !== 0) continue
      if (at > from) chunks.at(-1)?.push({ kind, text: text.slice(from, at) })
      chunks.push([])
      from = at + 1
    }
    if (from < text.length) chunks.at(-1)?.push({ kind, text: text.slice(from) })
  }
  return chunks
}

/** The same cut for text without kinds. */
export function chunkText(code: string): string[] {
  return chunkTokens([{ kind: undefined, text: code }]).map((chunk) => chunk[0]?.text ?? '')
}
