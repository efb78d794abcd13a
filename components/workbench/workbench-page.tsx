import { Tooltip } from 'radix-ui'
import { useMemo, useState } from 'react'
import { createTranslate, resolveLanguage } from '../../client/i18n/messages.ts'
import { startPage } from '../../client/store/page.ts'
import type { KeyValueStorage } from '../../client/store/slice.ts'
import type { WorkbenchStore } from '../../client/store/store.ts'
import { LinkEnded } from '../share/link-ended.tsx'
import { LoginNotice } from './login-notice.tsx'
import { StoreProvider, useWorkbench } from './store-provider.tsx'
import { SpeechContext } from './use-translate.ts'
import { Workbench } from './workbench.tsx'

let started: WorkbenchStore | undefined

/** The store of this page; made once, however often React mounts. */
function pageStore(storage: KeyValueStorage): WorkbenchStore {
  started ??= startPage(storage)
  return started
}

export function WorkbenchPage({ storage }: { readonly storage: KeyValueStorage }) {
  const [store] = useState(() => pageStore(storage))
  return (
    <StoreProvider store={store}>
      <Speaking />
    </StoreProvider>
  )
}

function Speaking() {
  const choice = useWorkbench((state) => state.language)
  const status = useWorkbench((state) => state.status)
  const language = resolveLanguage(choice, navigator.languages)
  const speech = useMemo(() => ({ language, t: createTranslate(language) }), [language])
  return (
    <SpeechContext value={speech}>
      <Tooltip.Provider delayDuration={400} skipDelayDuration={200}>
        {status === 'unauthorized' ? <LoginNotice /> : status === 'linkEnded' ? <LinkEnded /> : <Workbench />}
      </Tooltip.Provider>
    </SpeechContext>
  )
}
