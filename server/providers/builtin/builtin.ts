import type { ModelRequest } from '../../../core/engine/model-stream.ts'
import type { ModelDescription } from '../../../core/protocol/model.ts'
import type { ModelSession, Provider, SessionOptions } from '../provider.ts'
import { AssistantSession } from './assistant-session.ts'
import { LanguageClient } from './language-client.ts'
import { type Sleep, sleepByTimer } from './pace.ts'

export interface BuiltinOptions {
  /** How the pace of writing is kept. */
  readonly sleep?: Sleep
  /** How long an unused language worker is kept. */
  readonly idleMs?: number
}

const description: ModelDescription = {
  id: 'builtin/assistant',
  providerId: 'builtin',
  name: 'Tandem assistant',
  kind: 'assistant',
  contextWindow: 128_000,
  maxOutputTokens: 128_000,
  modalities: ['text'],
  tools: 'custom',
  transport: 'local',
  steer: false,
  tokensPerSecond: 1500,
  status: 'ready',
}

/** A rule-based assistant on TypeScript's language service; what works when no model is configured. */
export function createBuiltinProvider({
  sleep = sleepByTimer,
  idleMs = 5 * 60_000,
}: BuiltinOptions = {}): Provider {
  const clients = new Map<string, { readonly client: LanguageClient; users: number }>()

  function openSession(options: SessionOptions): ModelSession {
    const root = options.workspaceRoot
    const shared = clients.get(root) ?? { client: new LanguageClient(root, idleMs), users: 0 }
    clients.set(root, shared)
    shared.users++
    const session = new AssistantSession({ client: shared.client, readFile: options.readFile, sleep })
    let open = true
    return {
      warm: (request: ModelRequest) => session.warm(request),
      stream: (request, signal, onEvent) => session.stream(request, signal, onEvent),
      close() {
        if (!open) return
        open = false
        shared.users--
        if (shared.users > 0) return
        clients.delete(root)
        shared.client.close()
      },
    }
  }

  return { id: 'builtin', models: async () => [description], openSession }
}
