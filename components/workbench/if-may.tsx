import type { ReactNode } from 'react'
import { may } from '../../client/store/selectors.ts'
import type { Action } from '../../core/protocol/access.ts'
import { useWorkbench } from './store-provider.tsx'

/** What a guest's link does not allow is not shown to them. */
export function IfMay(props: {
  readonly action: Action
  readonly otherwise?: ReactNode
  readonly children: ReactNode
}) {
  const allowed = useWorkbench((state) => may(state, props.action))
  return allowed ? props.children : props.otherwise
}
