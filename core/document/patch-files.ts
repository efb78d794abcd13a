/** One line of a patch, with where it stands before and after. */
export interface PatchLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
  /** From 1; left out where it does not stand there. */
  readonly before?: number
  readonly after?: number
}

/** Lines that stand together. */
interface PatchHunk {
  /** What git says it is in, as the head of a function. */
  readonly place: string
  readonly lines: readonly PatchLine[]
}

/** What a patch does to one file. */
export interface PatchFile {
  /** Where it stands afterwards, or stood when it is deleted. */
  readonly path: string
  readonly kind: 'add' | 'update' | 'delete'
  readonly added: number
  readonly removed: number
  /** None: it is not text, or only its name or mode changed. */
  readonly hunks: readonly PatchHunk[]
}

interface Draft {
  path: string
  kind: PatchFile['kind']
  readonly hunks: { readonly place: string; readonly lines: PatchLine[] }[]
}

const hunkHead = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/

/** Reads what `git diff` writes. */
export function readPatch(patch: string): readonly PatchFile[] {
  const files: Draft[] = []
  let [before, after, left, right] = [0, 0, 0, 0]
  for (const line of patch.split('\n')) {
    const file = files.at(-1)
    const hunk = file?.hunks.at(-1)
    // Within a hunk its head counts the lines, so that what looks like a head is none.
    if (hunk && (left > 0 || right > 0)) {
      const text = line.slice(1)
      if (line.startsWith('+')) {
        hunk.lines.push({ kind: 'added', text, after: after++ })
        right--
      } else if (line.startsWith('-')) {
        hunk.lines.push({ kind: 'removed', text, before: before++ })
        left--
      } else if (!line.startsWith('\\')) {
        hunk.lines.push({ kind: 'same', text, before: before++, after: after++ })
        left--
        right--
      }
      continue
    }
    const head = hunkHead.exec(line)
    if (head && file) {
      before = Number(head[1])
      left = Number(head[2] ?? 1)
      after = Number(head[3])
      right = Number(head[4] ?? 1)
      file.hunks.push({ place: head[5] ?? '', lines: [] })
    } else if (line.startsWith('diff ')) {
      files.push({ path: nameAfter(line), kind: 'update', hunks: [] })
    } else if (file) {
      if (line.startsWith('new file')) file.kind = 'add'
      else if (line.startsWith('deleted file')) file.kind = 'delete'
      else if (line.startsWith('+++ ') && file.kind !== 'delete') file.path = nameOf(line.slice(4))
    }
  }
  return files.map(({ path, kind, hunks }) => {
    const count = (wanted: PatchLine['kind']) =>
      hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.kind === wanted).length, 0)
    return { path, kind, hunks, added: count('added'), removed: count('removed') }
  })
}

/** Of `diff --git a/x b/x`: both names are the same unless `+++` says otherwise. */
function nameAfter(line: string): string {
  const names = line.replace(/^diff (--git )?/, '')
  const half = names.slice((names.length + 1) / 2)
  return nameOf(
    names.includes(' b/') && !half.startsWith('b/') ? names.slice(names.indexOf(' b/') + 1) : half,
  )
}

/** Without the prefix, the quotes and the tab that follows a name with spaces. */
function nameOf(written: string): string {
  const name = written.replace(/\t$/, '')
  const bare = name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1) : name
  return bare.replace(/^[ab]\//, '')
}
