import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface SeenRequest {
  readonly index: number
  readonly kind: string
  readonly at: number
  readonly endedAt?: number
  readonly cutAt?: number
}

/** What the model's process may be asked. */
export type Question = 'requests' | 'sentAt' | 'lastBody' | 'cut'

/** The bench's model, seen from the outside. */
export interface ModelProcess {
  readonly port: number
  readonly baseUrl: string
  requests(): Promise<readonly SeenRequest[]>
  /** Wall times at which the tokens of the latest marked text left. */
  sentAt(): Promise<readonly number[]>
  /** Resets every connection to it. */
  cut(): Promise<boolean>
  /** The latest request as it came. */
  lastBody(): Promise<Readonly<Record<string, unknown>>>
  close(): Promise<void>
}

export async function startModel(): Promise<ModelProcess> {
  const child = fork(fileURLToPath(new URL('./model-host.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [hello] = await once(child, 'message')
  const port: number = hello.port
  let asked = 0
  function ask(what: Question): Promise<never> {
    const id = ++asked
    return new Promise((resolve) => {
      const answered = (message: { id: number; answer: never }) => {
        if (message.id !== id) return
        child.off('message', answered)
        resolve(message.answer)
      }
      child.on('message', answered)
      child.send({ id, ask: what })
    })
  }
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests: () => ask('requests'),
    sentAt: () => ask('sentAt'),
    lastBody: () => ask('lastBody'),
    cut: () => ask('cut'),
    close: async () => {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
