import type { Handlers } from '../relay/router.ts'
import type { CallLedger } from '../runtime/call-ledger.ts'

export function createUsageHandlers({ usage }: { readonly usage: CallLedger }): Pick<Handlers, 'usage/read'> {
  return {
    async 'usage/read'({ since }) {
      return { sums: [...(await usage.sums(since))] }
    },
  }
}
