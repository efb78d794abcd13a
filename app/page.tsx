'use client'

import dynamic from 'next/dynamic'
import { openPageStorage } from '../client/store/page-storage.ts'

/** The workbench lives in the browser only: it draws what the socket says. */
const WorkbenchPage = dynamic(
  async () => {
    // What the browser keeps is read from the disk while the code is on its way.
    const [Workbench, storage] = await Promise.all([
      import('../components/workbench/workbench-page.tsx').then((page) => page.WorkbenchPage),
      openPageStorage(),
    ])
    return () => <Workbench storage={storage} />
  },
  { ssr: false },
)

export default function Page() {
  return <WorkbenchPage />
}
