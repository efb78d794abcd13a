import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Front } from '../lib/with-server.ts'
import { makeCertificate } from './certificate.ts'

/** Connections ever opened to the far model, and bytes on the wire there and back, TLS included. */
export interface Traffic {
  readonly connections: number
  readonly bytesUp: number
  readonly bytesDown: number
}

export interface Distance extends Front {
  readonly port: number
  /** The certificate in PEM. */
  readonly ca: string
  traffic(): Promise<Traffic>
}

/** Puts the model of `modelPort` behind TLS and `rttMs` milliseconds of round trip, in a process of its own. */
export async function startDistance(modelPort: number, rttMs: number): Promise<Distance> {
  const { cert, key, file, folder } = makeCertificate()
  const child = fork(fileURLToPath(new URL('./distance-host.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send({ modelPort, rttMs, cert, key })
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }]
  let asked = 0
  return {
    port,
    ca: cert,
    baseUrl: `https://localhost:${port}/v1`,
    certificates: file,
    async traffic() {
      const id = ++asked
      child.send({ id })
      const [{ answer }] = (await once(child, 'message')) as [{ readonly answer: Traffic }]
      return answer
    },
    async close() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
