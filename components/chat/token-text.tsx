import type { Token } from './highlight-tokens.ts'

/** Code with the colours of its kinds. */
export function TokenText({ tokens }: { readonly tokens: readonly Token[] }) {
  return tokens.map((token, index) =>
    token.kind ? (
      <span key={index} className={`hl-${token.kind}`}>
        {token.text}
      </span>
    ) : (
      token.text
    ),
  )
}
