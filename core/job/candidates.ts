import { type LineEdit, mergeThree } from '../document/merge-three.ts'
import type { CandidateHunk } from '../protocol/candidate-methods.ts'
import type { CandidatesId } from '../protocol/ids.ts'
import type { Job, Strategy } from '../protocol/job.ts'
import { limits } from '../protocol/limits.ts'

/** The candidates of a group, by number. */
export function candidatesOf(group: CandidatesId, jobs: readonly Job[]): readonly Job[] {
  return jobs
    .filter(({ candidate }) => candidate?.group === group)
    .toSorted((a, b) => (a.candidate?.n ?? 0) - (b.candidate?.n ?? 0))
}

const ways: Readonly<Record<Strategy, string | undefined>> = {
  plain: undefined,
  smallest: 'Make the smallest change that does it. Touch nothing that need not be touched.',
  thorough:
    'Be thorough: look at every place that is concerned, handle the edge cases, and add or extend tests where the project has some.',
  other: 'Do it in another way than the first that comes to mind, and say why that may be better.',
}

/** What a candidate is told. */
export function taskBy(task: string, strategy: Strategy): string {
  const way = ways[strategy]
  return way === undefined ? task : `${task}\n\n${way}`
}

/** Each change of a text as something that can be taken by itself. */
export function hunksOf(before: string, after: string): readonly CandidateHunk[] {
  const lines = before.split('\n')
  return mergeThree(before, before, after).edits.map(({ from, to, lines: added }, n) => ({
    n,
    startLine: from + 1,
    removed: lines.slice(from, to),
    added: [...added],
  }))
}

/** The text with some of the hunks of several candidates; `undefined` when two of them touch and differ. */
export function mixed(before: string, hunks: readonly CandidateHunk[]): string | undefined {
  const edits: LineEdit[] = hunks
    .map(({ startLine, removed, added }) => ({
      from: startLine - 1,
      to: startLine - 1 + removed.length,
      lines: added,
    }))
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
  const lines = before.split('\n')
  let kept: LineEdit | undefined
  let shift = 0
  for (const edit of edits) {
    if (kept && edit.from <= kept.to) {
      const isSame = edit.from === kept.from && edit.to === kept.to
      // Two candidates that came to the same: it is done once.
      if (isSame && edit.lines.join('\n') === kept.lines.join('\n')) continue
      return undefined
    }
    lines.splice(edit.from + shift, edit.to - edit.from, ...edit.lines)
    shift += edit.lines.length - (edit.to - edit.from)
    kept = edit
  }
  return lines.join('\n')
}

/** Whether a model shall compare them now: all have ended, there is something to choose from, and nobody has chosen. */
export function wantsJudge(group: readonly Job[]): boolean {
  const changed = group.filter(({ state, files }) => state === 'done' && files.length > 0)
  return (
    group.some(({ candidate }) => candidate?.judge) &&
    group.every(({ state, outcome }) => (state === 'done' || state === 'failed') && outcome === undefined) &&
    group.length === group[0]?.candidate?.of &&
    changed.length >= 2
  )
}

/** What a judge is asked. */
export function judgeTask(
  task: string,
  candidates: readonly { readonly job: Job; readonly patch: string }[],
): string {
  const room = Math.floor(limits.judgedChars / Math.max(1, candidates.length))
  const parts = candidates.map(({ job, patch }) => {
    const { candidate, answer, files, checks } = job
    const added = files.reduce((sum, file) => sum + file.added, 0)
    const removed = files.reduce((sum, file) => sum + file.removed, 0)
    const wrong = checks?.syntax?.wrong.length ?? 0
    const ran = checks?.command && `Its check ${checks.command.passed ? 'passed' : 'failed'}.`
    const facts = [
      `${files.length} files, +${added} -${removed}.`,
      wrong > 0 ? `${wrong} files do not parse.` : '',
      ran ?? '',
    ].filter((fact) => fact !== '')
    const shown = patch.length > room ? `${patch.slice(0, room)}\n… cut here …` : patch
    return `<candidate n="${candidate?.n}">\n${facts.join(' ')}\nIt says: ${answer}\n\n${shown}\n</candidate>`
  })
  return `The task was:\n\n${task}\n\n${parts.join('\n\n')}`
}
