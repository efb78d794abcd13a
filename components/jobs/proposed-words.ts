import type { Job } from '../../core/protocol/job.ts'

/** What a job did in a line and in more, to be changed by who says it to others. */
export function proposedWords({ title, answer }: Job): { readonly title: string; readonly text: string } {
  return { title: title.charAt(0).toUpperCase() + title.slice(1), text: answer }
}
