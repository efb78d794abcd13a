import { type DragEvent, useState } from 'react'
import { may } from '../../client/store/selectors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { useWorkbenchStore } from '../workbench/store-provider.tsx'

/** Text that is dropped here becomes the draft of a job: selected words of the chat, a step of a plan, a line of anything. */
export function useTaskDrop() {
  const store = useWorkbenchStore()
  const [over, setOver] = useState(false)
  const takes = ({ dataTransfer }: DragEvent) =>
    dataTransfer.types.includes('text/plain') &&
    !dataTransfer.types.includes('Files') &&
    may(store.getState(), 'job/start')
  return {
    over,
    dropProps: {
      'data-takes-tasks': '',
      onDragOver(event: DragEvent) {
        if (!takes(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = 'copy'
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop(event: DragEvent) {
        setOver(false)
        if (!takes(event)) return
        event.preventDefault()
        const task = event.dataTransfer.getData('text/plain').trim().slice(0, limits.promptChars)
        if (task !== '') store.getState().draftHandOff({ task, fromComposer: false })
      },
    },
  } as const
}
