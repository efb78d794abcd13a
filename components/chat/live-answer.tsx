import { useWorkbench } from '../workbench/store-provider.tsx'
import { Answer } from './answer.tsx'
import { lineAt } from './line-at.ts'

/**
 * The words of a turn. While it runs, a click on a line points at it, so that the next message goes on from there. It is
 * one element before and after: to draw a long answer anew at its end would take longer than its last words did.
 */
export function LiveAnswer({ text, live }: { readonly text: string; readonly live: boolean }) {
  const pointAt = useWorkbench((state) => state.pointAt)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Alt+L points at lines by key
    // biome-ignore lint/a11y/noStaticElementInteractions: a button per line would be read out as a list of buttons
    <div
      className={live ? 'points' : undefined}
      onClick={(event) => {
        if (!live || !window.getSelection()?.isCollapsed) return
        const line = lineAt(event.target, event.clientY)
        if (line?.trim()) pointAt(line)
      }}
    >
      <Answer text={text} />
    </div>
  )
}
