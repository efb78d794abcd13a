import { FileCode2, X } from 'lucide-react'
import { IconButton } from '../ui/button.tsx'
import { useWorkbench } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** What goes along with the prompt: the active file and the selected lines. It can be left out of the next one. */
export function ContextChip(props: {
  /** The path the person left out. */
  readonly without: string | undefined
  readonly onRemove: (path: string) => void
}) {
  const t = useTranslate()
  const path = useWorkbench((state) => state.activePath)
  const from = useWorkbench((state) => state.selection?.startLine)
  const to = useWorkbench((state) => state.selection?.endLine)
  if (!path || props.without === path) return null
  const name = path.slice(path.lastIndexOf('/') + 1)
  const what =
    from === undefined || to === undefined ? name : t('composer.contextLines', { path: name, from, to })
  return (
    <span
      title={path}
      className="flex h-6 min-w-0 items-center gap-1.5 rounded-sm border border-n6 bg-n4 pl-1.5 text-n11 text-small"
    >
      <FileCode2 size={12} aria-hidden className="shrink-0 text-n10" />
      <span className="sr-only">{t('composer.contextFile', { path })}</span>
      <span className="tabular truncate">{what}</span>
      <IconButton
        label={t('composer.removeContext', { what })}
        onClick={() => props.onRemove(path)}
        className="size-5!"
      >
        <X size={11} aria-hidden />
      </IconButton>
    </span>
  )
}
