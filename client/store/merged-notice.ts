import { type NoticeSlice, shortList } from './notice-slice.ts'

type Needs = Pick<NoticeSlice, 'notices' | 'notify'> & {
  closeReview(): void
  openFile(path: string, options: { readonly line: number }): void
}

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
    const names = all.map(([name]) => name.slice(name.lastIndexOf('/') + 1))
    get().notify({
      tone: 'info',
      key,
      params: { names: shortList(names), count: all.length },
      action: {
        key: 'editor.showMerged',
        run() {
          const [first] = all
          if (!first) return
          get().closeReview()
          get().openFile(first[0], { line: first[1] })
        },
      },
    })
  }
}
