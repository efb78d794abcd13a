import type { NoticeSlice } from './notice-slice.ts'

type Needs = Pick<NoticeSlice, 'notices' | 'notify'> & {
  openFile(path: string, options: { readonly line: number }): void
}

const namesAtMost = 3

/**
 * Tells of open files that other programs changed or deleted. While a notice is there the next file joins it: a
 * checkout of twenty files is one notice.
 */
export function createMergedNotice(get: () => Needs) {
  const told = { 'editor.merged': new Map<string, number>(), 'editor.remade': new Map<string, number>() }
  return (path: string, { line, deleted }: { readonly line: number; readonly deleted: boolean }) => {
    const key = deleted ? 'editor.remade' : 'editor.merged'
    const lines = told[key]
    if (!get().notices.some((notice) => notice.key === key)) lines.clear()
    lines.set(path, line)
    const all = [...lines]
    const names = all.map(([name]) => name.slice(name.lastIndexOf('/') + 1)).slice(0, namesAtMost)
    const more = all.length - names.length
    get().notify({
      tone: 'info',
      key,
      params: { names: names.join(', ') + (more > 0 ? ` +${more}` : ''), count: all.length },
      action: {
        key: 'editor.showMerged',
        run() {
          const [first] = all
          if (first) get().openFile(first[0], { line: first[1] })
        },
      },
    })
  }
}
