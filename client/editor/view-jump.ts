import type { CodeEditor } from './monaco.ts'

/** Takes the view to where the model writes. */
export interface ViewJump {
  /** Shows the line if it is out of sight. `textCameIn`: this frame draws text of others. */
  to(lineNumber: number, textCameIn: boolean): void
  /** The person is somewhere else now. */
  cancel(): void
}

/** A jump draws half a view of new lines: not in a frame that draws text as well. */
export function createViewJump(
  code: Pick<CodeEditor, 'getVisibleRanges' | 'revealLineInCenterIfOutsideViewport'>,
  schedule: (flush: () => void) => () => void,
): ViewJump {
  let wanted = 1
  let cancelJump: (() => void) | undefined

  function jump(): void {
    cancelJump = undefined
    code.revealLineInCenterIfOutsideViewport(wanted, 1)
  }

  /** The first and the last line may be seen in part. */
  function isInSight(lineNumber: number): boolean {
    const ranges = code.getVisibleRanges()
    const first = ranges[0]?.startLineNumber ?? Number.POSITIVE_INFINITY
    const last = ranges.at(-1)?.endLineNumber ?? 0
    return first < lineNumber && lineNumber < last
  }

  return {
    to(lineNumber, textCameIn) {
      // Asked for a line it shows already, the editor would draw all the same.
      if (isInSight(lineNumber)) return
      wanted = lineNumber
      if (textCameIn) cancelJump ??= schedule(jump)
      else jump()
    },
    cancel() {
      cancelJump?.()
      cancelJump = undefined
    },
  }
}
