import { once } from 'node:events'
import { WebSocket } from 'ws'
import { monotonicMs } from './clock.ts'
import { StampReader } from './stamps.ts'
import { type Task, taskPrompt } from './task.ts'

export interface Delivery {
  readonly sentAt: number
  readonly reader: StampReader
}

/** What one gets from the model without Tandem: a socket that is open, one request, its frames parsed. */
export class BareClient {
  readonly #ws: WebSocket

  private constructor(ws: WebSocket) {
    this.#ws = ws
  }

  static async connect(port: number): Promise<BareClient> {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/responses`, { perMessageDeflate: false })
    await once(ws, 'open')
    return new BareClient(ws)
  }

  stream(task: Task): Promise<Delivery> {
    const reader = new StampReader()
    const sentAt = monotonicMs()
    return new Promise((resolve) => {
      const receive = (data: Buffer) => {
        const now = monotonicMs()
        const event = JSON.parse(data.toString())
        if (event.type === 'response.output_text.delta') reader.push(event.delta, now)
        if (event.type !== 'response.completed') return
        this.#ws.off('message', receive)
        resolve({ sentAt, reader })
      }
      this.#ws.on('message', receive)
      const input = [{ role: 'user', content: [{ type: 'input_text', text: taskPrompt(task) }] }]
      this.#ws.send(JSON.stringify({ type: 'response.create', model: 'fake-fast', input }))
    })
  }

  close(): void {
    this.#ws.terminate()
  }
}
