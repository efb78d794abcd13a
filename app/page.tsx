'use client'

import dynamic from 'next/dynamic'

/** The workbench lives in the browser only: it draws what the socket says. */
const WorkbenchPage = dynamic(
  () => import('../components/workbench/workbench-page.tsx').then((page) => page.WorkbenchPage),
  { ssr: false },
)

export default function Page() {
  return <WorkbenchPage />
}
