import { useState } from 'react'
import type { ReviewHunk } from '../../core/state/review.ts'
import { Button } from '../ui/button.tsx'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'
import { aboutHunk } from './hunk-prompt.ts'
import type { HunkText } from './use-hunk-text.ts'

/** Words about one change; they go to the model with the file, the lines and the text they are about. */
export function CommentField(props: {
  readonly entry: ReviewHunk
  readonly now: HunkText | 'missing' | undefined
  readonly onDone: () => void
}) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const { entry, now, onDone } = props
  const [text, setText] = useState('')
  const send = async () => {
    const words = text.trim()
    // Without the text as it is now it could not be quoted; it is a matter of milliseconds.
    if (words === '' || now === undefined) return
    const prompt = aboutHunk(t, entry, now, words)
    if (await store.getState().send(prompt, { withContext: false })) onDone()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
      className="flex shrink-0 items-end gap-2 border-n6 border-t px-4 py-2"
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        rows={1}
        value={text}
        aria-label={t('review.commentLabel')}
        placeholder={t('review.commentHint')}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing || event.keyCode === 229) return
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault()
            void send()
          } else if (event.key === 'Escape') {
            event.preventDefault()
            event.stopPropagation()
            onDone()
          }
        }}
        className="field-sizing-content max-h-40 min-w-0 flex-1 resize-none rounded-md border border-n7 bg-n3 px-2 py-1 text-n12 outline-none focus:border-accent max-sm:text-[16px]"
      />
      <Button type="submit" look="primary" disabled={text.trim() === '' || now === undefined}>
        {t('review.commentSend')}
      </Button>
    </form>
  )
}
