import { useMemo, useState } from 'react'
import { visibleText } from '../../core/lib/visible-text.ts'
import type { ResultOf } from '../../core/protocol/methods.ts'
import { Button } from '../ui/button.tsx'
import { DialogFrame } from '../ui/dialog-frame.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Exactly what the model is sent, what can't be seen made visible. */
export function PromptInspector() {
  const t = useTranslate()
  const open = useWorkbench((state) => state.overlay === 'inspector')
  const request = useWorkbench((state) => state.inspected)
  const showOverlay = useWorkbench((state) => state.showOverlay)
  if (!open) return null
  return (
    <DialogFrame
      title={t('inspector.title')}
      closeLabel={t('inspector.close')}
      onClose={() => showOverlay(undefined)}
      actions={request && <CopyButton request={request} />}
      className="top-[6vh] max-h-[88vh] w-200"
    >
      {request ? <Parts request={request} /> : <p className="py-3 text-n10">{t('inspector.loading')}</p>}
    </DialogFrame>
  )
}

type Inspected = ResultOf<'thread/inspect'>

function CopyButton({ request }: { readonly request: Inspected }) {
  const t = useTranslate()
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(JSON.stringify(request, null, 2)).then(
      () => setCopied(true),
      // Without leave to use the clipboard the words stay as they are.
      () => setCopied(false),
    )
  return <Button onClick={copy}>{t(copied ? 'inspector.copied' : 'inspector.copy')}</Button>
}

function Parts({ request }: { readonly request: Inspected }) {
  const t = useTranslate()
  const { instructions, items, tools } = request
  return (
    <>
      <p className="pt-3 text-n10 text-small">{t('inspector.note', { model: request.model })}</p>
      <Part label={t('inspector.instructions')} text={instructions} />
      {tools.map(({ name, description, form }) => (
        <Part key={name} label={t('inspector.tool', { name })} text={`${description}\n\n${form}`.trim()} />
      ))}
      {items.map(({ role, name = '', text }, index) => (
        <Part key={index} label={t(`inspector.${role}`, { name })} text={text} />
      ))}
    </>
  )
}

function Part({ label, text }: { readonly label: string; readonly text: string }) {
  const t = useTranslate()
  const pieces = useMemo(() => visibleText(text), [text])
  const hidden = pieces.filter(({ mark }) => mark !== undefined).length
  return (
    <section aria-label={label} className="mt-3">
      <h3 className="flex gap-3 text-n10 text-small">
        <span className="font-strong text-n11">{label}</span>
        {hidden > 0 && <span className="text-attention">{t('inspector.hidden', { count: hidden })}</span>}
      </h3>
      <pre className="mt-1 whitespace-pre-wrap break-words rounded-sm border border-n6 bg-n2 px-3 py-2 font-mono text-n12 text-small">
        {pieces.map((piece, index) =>
          piece.mark === undefined ? (
            piece.text
          ) : (
            <mark key={index} className="rounded-sm bg-attention-soft px-0.5 text-attention">
              {piece.mark}
            </mark>
          ),
        )}
      </pre>
    </section>
  )
}
