import { limits } from '../../core/protocol/limits.ts'
import type { OutputPiece } from '../sandbox/runner.ts'
import type { Timers } from '../timers.ts'

export interface JoinedOutput {
  write(piece: OutputPiece): void
  /** What waits is told now. */
  flush(): void
}

/** Joins what a command writes close together: each piece that is told costs those who follow it. */
export function joinOutput(
  timers: Timers,
  tell: (piece: { readonly offset: number; readonly text: string }) => void,
): JoinedOutput {
  let offset = 0
  let waiting = ''
  let cancel: (() => void) | undefined
  const flush = () => {
    cancel?.()
    cancel = undefined
    if (waiting === '') return
    const text = waiting
    waiting = ''
    tell({ offset, text })
    offset += text.length
  }
  return {
    write(piece) {
      waiting += pieceText(piece)
      cancel ??= timers.after(limits.commandOutputMs, flush)
    },
    flush,
  }
}

export function pieceText(piece: OutputPiece): string {
  return piece.stream === 'cut' ? `\n[… ${piece.bytes} bytes left out …]\n` : piece.text
}
