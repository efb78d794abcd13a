import { ManualClock } from '../../../core/lib/clock.ts'
import { systemTimers } from '../../timers.ts'
import { cerebrasModels } from '../known-models.ts'
import { providerContract } from '../provider.contract.ts'
import { createChatProvider } from './chat-provider.ts'

for (const flavour of ['openai', 'cerebras'] as const) {
  providerContract({
    name: `chat completions, ${flavour}`,
    kind: 'chat',
    isResponses: false,
    create: (fake, timeouts) =>
      createChatProvider({
        id: 'fake',
        baseUrl: flavour === 'openai' ? fake.url : fake.cerebrasUrl,
        headers: {},
        dialect: { outputLimit: 'max_completion_tokens', cacheKey: false },
        timeouts,
        clock: new ManualClock(),
        timers: systemTimers,
        lister: {
          providerId: 'fake',
          transport: 'sse',
          configured: [],
          preferred: [],
          known: cerebrasModels,
          otherwise: { contextWindow: 128_000, maxOutputTokens: 16_000, tools: 'function' },
        },
      }),
  })
}
