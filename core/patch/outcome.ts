import type { EditOutcome, FileKind } from './edit.ts'

export type EditedFile = EditOutcome['files'][number]

export interface EditCourse {
  readonly files: readonly EditedFile[]
  /** What broke the format, in order. */
  readonly problems: readonly string[]
  readonly cutOff: boolean
  /** Whether an edit that touches nothing is a mistake. */
  readonly mustEdit: boolean
}

const letters: Readonly<Record<FileKind, string>> = { add: 'A', update: 'M', delete: 'D' }

/** What the model is told of the edit, in apply_patch's words where it has any. */
export function toOutcome(course: EditCourse): EditOutcome {
  const { files, problems, cutOff, mustEdit } = course
  const failed = files.filter(({ status }) => status === 'failed')
  const kept = summary(files)
  const messages = failed.map(({ message }) => message).filter((message) => message !== undefined)
  const ok = failed.length === 0 && problems.length === 0 && !cutOff
  if (ok && files.length === 0) return { ok: !mustEdit, message: 'No files were modified.', files }
  if (ok) return { ok, message: `Success. Updated the following files:\n${kept}`, files }
  const said = [
    ...(cutOff ? ['The edit was cut off.'] : []),
    ...new Set([...problems, ...messages]),
    ...new Set(failed.map(({ path }) => `Nothing was changed in ${path}.`)),
    kept === '' ? 'No files were modified.' : `Updated the following files:\n${kept}`,
  ]
  return { ok, message: said.join('\n'), files }
}

function summary(files: readonly EditedFile[]): string {
  const lines = (['add', 'update', 'delete'] as const).flatMap((kind) =>
    files
      .filter((file) => file.kind === kind && file.status !== 'failed')
      .map((file) => {
        const line = `${letters[kind]} ${file.movedTo ?? file.path}`
        return file.status === 'completed' ? line : `${line} (${file.message ?? ''})`
      }),
  )
  return lines.join('\n')
}
