import { memo, useState } from 'react'
import { CodeBlock } from './code-block.tsx'
import { MarkdownBlock } from './markdown-block.tsx'
import { emptySplit, splitBlocks } from './split-blocks.ts'

/** The model's words. Only the block that grows is drawn again. */
export const Answer = memo(function Answer({ text }: { readonly text: string }) {
  const split = useSplit(text)
  return (
    <div className="prose-answer">
      {split.blocks.map((block) =>
        block.kind === 'code' ? (
          <CodeBlock key={block.start} language={block.language} code={block.code} closed={block.closed} />
        ) : (
          <MarkdownBlock key={block.start} text={block.text} />
        ),
      )}
    </div>
  )
})

/** Remembers the last split; deriving state while rendering is React's way to keep a previous value. */
function useSplit(text: string) {
  const [split, setSplit] = useState(() => splitBlocks(emptySplit, text))
  if (split.text === text) return split
  const next = splitBlocks(split, text)
  setSplit(next)
  return next
}
