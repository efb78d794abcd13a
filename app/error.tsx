'use client'

import { BrokenNotice } from '../components/workbench/broken-notice.tsx'

export default function ErrorPage() {
  return <BrokenNotice onReload={() => window.location.reload()} />
}
