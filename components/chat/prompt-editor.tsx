import { type KeyboardEvent, useState } from 'react'
import { filesFrom } from '../../client/store/history-slice.ts'
import type { TurnId } from '../../core/protocol/ids.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** An earlier prompt in other words, where it stands: Enter runs it again, Escape leaves it as it was. */
export function PromptEditor({ turnId, text }: { readonly turnId: TurnId; readonly text: string }) {
  const t = useTranslate()
  const edit = useWorkbench((state) => state.editPrompt)
  const rerun = useWorkbench((state) => state.rerun)
  const online = useWorkbench((state) => state.status === 'open')
  const files = useWorkbench((state) => (state.thread ? filesFrom(state.thread, turnId) : 0))
  const [restores, setRestores] = useState(true)
  const [sending, setSending] = useState(false)
  const ready = text.trim() !== '' && online && !sending
  const run = async () => {
    if (!ready) return
    setSending(true)
    await rerun(restores && files > 0 ? 'both' : 'conversation')
    setSending(false)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Keys of an input method belong to it; 229 is what some browsers say instead of `isComposing`.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) void run()
    else if (event.key === 'Escape') edit(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void run()
      }}
      className="rounded-md border border-accent bg-n3"
    >
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here
        autoFocus
        value={text}
        rows={1}
        aria-label={t('history.editText')}
        onChange={(event) => edit({ turnId, text: event.currentTarget.value })}
        onFocus={(event) => event.currentTarget.setSelectionRange(text.length, text.length)}
        onKeyDown={onKeyDown}
        className="field-sizing-content block max-h-60 min-h-15 w-full resize-none bg-transparent px-3 py-2 text-n12 outline-none max-sm:text-[16px]"
      />
      <div className="flex flex-wrap items-center gap-1.5 px-1.5 pb-1.5">
        {files > 0 && (
          <fieldset className="flex flex-wrap gap-1.5">
            <legend className="sr-only">{t('history.filesChoice')}</legend>
            <Choice name="files" checked={restores} onChoose={() => setRestores(true)}>
              {t('history.restoreFiles', { count: files })}
            </Choice>
            <Choice name="files" checked={!restores} onChoose={() => setRestores(false)}>
              {t('history.keepFiles')}
            </Choice>
          </fieldset>
        )}
        <span className="ml-auto flex gap-1.5">
          <Button onClick={() => edit(undefined)}>{t('history.cancel')}</Button>
          <Button type="submit" look="primary" disabled={!ready}>
            {t('history.run')}
          </Button>
        </span>
      </div>
    </form>
  )
}
