import { useWorkbench } from '../workbench/store-provider.tsx'
import { Answer } from './answer.tsx'
import { lineAt } from './line-at.ts'

/** The words of the turn that runs: a click on a line points at it, so that the next message goes on from there. */
export function LiveAnswer({ text }: { readonly text: string }) {
  const pointAt = useWorkbench((state) => state.pointAt)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Alt+L points at lines by key
    // biome-ignore lint/a11y/noStaticElementInteractions: a button per line would be read out as a list of buttons
    <div
      className="points"
      onClick={(event) => {
        if (!window.getSelection()?.isCollapsed) return
        const line = lineAt(event.target, event.clientY)
        if (line?.trim()) pointAt(line)
      }}
    >
      <Answer text={text} />
    </div>
  )
}
