/** How long after the last key in an editor a person counts as typing, in milliseconds. */
const typingMs = 3000

export interface FollowSituation {
  /** The person wants to follow, and has not scrolled away in this turn. */
  readonly following: boolean
  /** The file the model is writing in. */
  readonly writingPath: string | undefined
  readonly activePath: string | undefined
  /** Since the last key or click in an editor, in milliseconds. */
  readonly idleMs: number
  readonly hasSelection: boolean
}

/** What the editor does while the model writes: a person at work is never taken elsewhere. */
export function decideFollow(situation: FollowSituation): 'stay' | 'open' | 'reveal' {
  const { following, writingPath, activePath, idleMs, hasSelection } = situation
  if (!following || writingPath === undefined || idleMs < typingMs || hasSelection) return 'stay'
  return writingPath === activePath ? 'reveal' : 'open'
}
