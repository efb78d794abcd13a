import { ExternalLink, ImageOff } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { CodeBlock } from './code-block.tsx'
import { type FileLink, parseFileLink, parseSafeLink } from './links.ts'

const plugins = [remarkGfm]

/** What a model writes reaches the page only through these: no image is fetched, no markup is taken over. */
const components: Components = {
  a: ({ href = '', children }) => <TextLink href={href}>{children}</TextLink>,
  img: ({ src, alt }) => <ImageChip src={typeof src === 'string' ? src : ''} alt={alt ?? ''} />,
  pre: ({ children }) => <>{children}</>,
  code: ({ className, children }) => {
    const text = String(children ?? '')
    const language = /language-(\S+)/.exec(className ?? '')?.[1]
    if (language !== undefined || text.includes('\n')) {
      return <CodeBlock language={language ?? ''} code={text.replace(/\n$/, '')} closed />
    }
    const file = parseFileLink(text, { sure: false })
    return file ? <FileButton file={file}>{text}</FileButton> : <code>{children}</code>
  },
  ol: ({ start = 1, node, children }) => {
    const items = node?.children.filter((child) => child.type === 'element').length ?? 0
    // Room for the longest number, and at once for two digits: the tenth item moves no text.
    const digits = Math.max(2, String(start + items - 1).length)
    return (
      <ol start={start} style={{ paddingLeft: `calc(${digits}ch + 10px)` }}>
        {children}
      </ol>
    )
  },
  table: ({ children }) => (
    <div className="overflow-x-auto">
      <table>{children}</table>
    </div>
  ),
}

export const MarkdownBlock = memo(function MarkdownBlock({ text }: { readonly text: string }) {
  return (
    <Markdown remarkPlugins={plugins} components={components} urlTransform={keepKnown}>
      {text}
    </Markdown>
  )
})

/** Addresses that no component here would open are dropped before they reach one. */
function keepKnown(url: string): string {
  return parseSafeLink(url) || parseFileLink(decode(url), { sure: true }) ? url : ''
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

function TextLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const t = useTranslate()
  const link = parseSafeLink(href)
  if (link) {
    const label = typeof children === 'string' ? children : ''
    return (
      <a
        href={link.href}
        target="_blank"
        rel="noopener noreferrer"
        title={t('link.opens', { host: link.host })}
        className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent"
      >
        {children}
        {!label.includes(link.host) && <span className="text-n10"> ({link.host})</span>}
        <ExternalLink size={11} aria-hidden className="mb-0.5 ml-0.5 inline" />
      </a>
    )
  }
  const file = parseFileLink(decode(href), { sure: true })
  return file ? <FileButton file={file}>{children}</FileButton> : <span>{children}</span>
}

function FileButton({ file, children }: { readonly file: FileLink; readonly children: ReactNode }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  return (
    <button
      type="button"
      title={t('file.open', { path: file.path })}
      onClick={() => {
        const { openFile, showPhonePane, closeArtefact } = store.getState()
        // A report in which it stands covers the editor.
        closeArtefact()
        openFile(file.path, file.line === undefined ? {} : { line: file.line })
        showPhonePane('editor')
      }}
      className="rounded-sm bg-n5 px-1 py-px text-left font-mono text-[12px] text-accent hover:underline"
    >
      {children}
    </button>
  )
}

function ImageChip({ src, alt }: { readonly src: string; readonly alt: string }) {
  const t = useTranslate()
  const host = parseSafeLink(src)?.host ?? t('image.noHost')
  return (
    <span className="inline-flex items-center gap-1.5 rounded-sm border border-n7 bg-n4 px-1.5 text-n10">
      <ImageOff size={13} aria-hidden />
      {t('image.blocked', { alt: alt || t('image.noAlt'), host })}
    </span>
  )
}
