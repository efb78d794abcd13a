import { ManualClock } from '../../../core/lib/clock.ts'
import { systemTimers } from '../../timers.ts'
import { knownModels } from '../known-models.ts'
import type { ModelLister } from '../model-list.ts'
import { providerContract } from '../provider.contract.ts'
import { createResponsesProvider } from './responses-provider.ts'

const lister: ModelLister = {
  providerId: 'fake',
  transport: 'websocket',
  configured: [],
  preferred: [],
  known: knownModels,
  otherwise: { contextWindow: 128_000, maxOutputTokens: 16_000, tools: 'custom' },
}

for (const transport of ['websocket', 'http'] as const) {
  providerContract({
    name: `Responses over ${transport}`,
    kind: transport === 'websocket' ? 'responses-websocket' : 'responses-sse',
    isResponses: true,
    create: (fake, timeouts) =>
      createResponsesProvider({
        id: 'fake',
        baseUrl: fake.url,
        headers: {},
        transport,
        timeouts,
        clock: new ManualClock(),
        timers: systemTimers,
        lister,
      }),
  })
}
