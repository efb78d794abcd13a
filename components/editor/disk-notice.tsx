import { TriangleAlert } from 'lucide-react'
import type { DiskProblem } from '../../core/protocol/workspace.ts'
import { Button } from '../ui/button.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

type Way = 'saveAgain' | 'tryNow' | 'closeTab'

/** What a person can do where the disk lacks their text; what only helps outside of Tandem is said in words. */
const ways: Readonly<Record<DiskProblem['code'], readonly Way[]>> = {
  deletedElsewhere: ['saveAgain', 'closeTab'],
  deleted: ['saveAgain', 'closeTab'],
  notText: ['closeTab'],
  tooLarge: ['closeTab'],
  full: ['tryNow'],
  denied: ['tryNow'],
  folderGone: ['tryNow'],
  notStored: [],
  failed: ['tryNow'],
}

/** Why a text is not on disk, what was kept and what to do. Below the code, which stays where it is. */
export function DiskNotice({ path }: { readonly path: string }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const problem = useWorkbench((state) => state.diskProblems[path])
  if (problem === undefined) return null
  const { saveDocument, closeFile } = store.getState()
  const run: Readonly<Record<Way, () => unknown>> = {
    saveAgain: () => saveDocument(path),
    tryNow: () => saveDocument(path),
    closeTab: () => closeFile(path),
  }
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-n6 border-t bg-attention-soft px-4 py-2"
    >
      <p className="flex min-w-56 flex-1 gap-2 text-n12">
        <TriangleAlert size={14} aria-hidden className="mt-0.75 shrink-0 text-attention" />
        <span className="wrap-anywhere min-w-0">
          {t('editor.notOnDisk', { problem: t(`disk.${problem.code}`, problem) })}
        </span>
      </p>
      {ways[problem.code].map((way, index) => {
        const button = (
          <Button key={way} look={index === 0 ? 'plain' : 'quiet'} onClick={run[way]}>
            {t(`editor.${way}`)}
          </Button>
        )
        if (way !== 'saveAgain' && way !== 'tryNow') return button
        return (
          <IfMay key={way} action="document/save">
            {button}
          </IfMay>
        )
      })}
    </div>
  )
}
