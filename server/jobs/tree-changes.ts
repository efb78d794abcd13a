import type { JobFile } from '../../core/protocol/job.ts'

const kinds: Readonly<Record<string, JobFile['kind']>> = { A: 'add', D: 'delete' }

/** The files of `git diff-tree --raw --numstat -z`: first how each differs, then by how many lines. */
export function changesIn(output: string): readonly JobFile[] {
  const parts = output.split('\0')
  const kindOf = new Map<string, JobFile['kind']>()
  const files: JobFile[] = []
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? ''
    if (part.startsWith(':')) {
      kindOf.set(parts[++i] ?? '', kinds[part.at(-1) ?? ''] ?? 'update')
      continue
    }
    const [added = '', removed = '', ...name] = part.split('\t')
    const path = name.join('\t')
    if (path === '') continue
    const binary = added === '-'
    const counted = { added: binary ? 0 : Number(added), removed: binary ? 0 : Number(removed) }
    files.push({ path, kind: kindOf.get(path) ?? 'update', ...counted, ...(binary && { binary }) })
  }
  return files
}
