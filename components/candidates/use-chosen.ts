import { useState } from 'react'
import type { CandidatePick } from '../../core/protocol/candidate-methods.ts'
import type { JobId } from '../../core/protocol/ids.ts'

interface PieceName {
  readonly jobId: JobId
  readonly path: string
  readonly n: number
}

/** Pieces of candidates that people have ticked. */
export interface Chosen {
  readonly count: number
  has(piece: PieceName): boolean
  toggle(piece: PieceName): void
  picks(): readonly CandidatePick[]
}

export function useChosen(): Chosen {
  const [pieces, setPieces] = useState<readonly PieceName[]>([])
  const isSame = (a: PieceName, b: PieceName) => a.jobId === b.jobId && a.path === b.path && a.n === b.n
  const has = (piece: PieceName) => pieces.some((other) => isSame(other, piece))
  return {
    count: pieces.length,
    has,
    toggle: (piece) =>
      setPieces(has(piece) ? pieces.filter((other) => !isSame(other, piece)) : [...pieces, piece]),
    picks() {
      const byFile = Map.groupBy(pieces, ({ jobId, path }) => `${jobId} ${path}`)
      return [...byFile.values()].flatMap((own) => {
        const [first] = own
        return first ? [{ jobId: first.jobId, path: first.path, hunks: own.map(({ n }) => n) }] : []
      })
    },
  }
}
