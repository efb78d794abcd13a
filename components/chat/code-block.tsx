import { Check, Copy } from 'lucide-react'
import { memo, useEffect, useState } from 'react'
import { IconButton } from '../ui/button.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { chunkText, type Token } from './highlight-tokens.ts'
import { highlight } from './highlighter.ts'
import { TokenText } from './token-text.tsx'

const copiedMs = 1500

/** Code as it grows, in pieces that are laid out once; coloured when it is finished. */
export const CodeBlock = memo(function CodeBlock(props: {
  readonly language: string
  readonly code: string
  readonly closed: boolean
}) {
  const t = useTranslate()
  const { language, code, closed } = props
  const coloured = useColoured(language, code, closed)
  return (
    <figure className="overflow-hidden rounded-md border border-n6 bg-n3">
      <figcaption className="flex h-7 items-center justify-between border-n6 border-b bg-n4 pr-1 pl-3 text-n10 text-small">
        {language || t('code.plain')}
        <CopyButton text={code} />
      </figcaption>
      <pre className="overflow-x-auto px-3 py-2 leading-[18px]">
        <code className="block w-max min-w-full">
          {chunkText(code).map((text, index) => (
            <Chunk key={index} text={text} tokens={coloured[index]} />
          ))}
        </code>
      </pre>
    </figure>
  )
})

const Chunk = memo(function Chunk(props: {
  readonly text: string
  readonly tokens: readonly Token[] | undefined
}) {
  const { text, tokens } = props
  // An empty line still has its height.
  if (!tokens) return <span className="block">{text === '' ? '\n' : text}</span>
  return (
    <span className="block">
      <TokenText tokens={tokens} />
    </span>
  )
})

/** Tokens by chunk, one more chunk each frame, so that a long block never makes a long task. */
function useColoured(language: string, code: string, closed: boolean): readonly (readonly Token[])[] {
  const [shown, setShown] = useState<readonly (readonly Token[])[]>([])
  useEffect(() => {
    if (!closed || language === '') return
    let frame = 0
    const cancel = highlight({ language: language.toLowerCase(), code }, (chunks) => {
      let count = 0
      const showMore = () => {
        count++
        setShown(chunks.slice(0, count))
        if (count < chunks.length) frame = requestAnimationFrame(showMore)
      }
      if (chunks.length > 0) showMore()
    })
    return () => {
      cancel()
      cancelAnimationFrame(frame)
    }
  }, [language, code, closed])
  return closed ? shown : []
}

function CopyButton({ text }: { readonly text: string }) {
  const t = useTranslate()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), copiedMs)
    return () => clearTimeout(timer)
  }, [copied])
  return (
    <IconButton
      label={t(copied ? 'code.copied' : 'code.copy')}
      onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? <Check size={13} aria-hidden className="text-added" /> : <Copy size={13} aria-hidden />}
    </IconButton>
  )
}
