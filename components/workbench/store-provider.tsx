import { createContext, type ReactNode, useContext } from 'react'
import { useStore } from 'zustand'
import type { WorkbenchState, WorkbenchStore } from '../../client/store/store.ts'
import { assert } from '../../core/lib/assert-never.ts'

const StoreContext = createContext<WorkbenchStore | undefined>(undefined)

export function StoreProvider({
  store,
  children,
}: {
  readonly store: WorkbenchStore
  readonly children: ReactNode
}) {
  return <StoreContext value={store}>{children}</StoreContext>
}

/** The store itself, for handlers that read it when something happens. */
export function useWorkbenchStore(): WorkbenchStore {
  const store = useContext(StoreContext)
  assert(store, 'a pane stands inside StoreProvider')
  return store
}

/** One fact of the store; select narrowly. */
export function useWorkbench<T>(selector: (state: WorkbenchState) => T): T {
  return useStore(useWorkbenchStore(), selector)
}
