// A thread that asks the server again and again whether it is there, and tells the longest it took when it is told to
// end: beside what else a bench does, a question would wait for that.
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { RelayClient } from './relay-client.ts'

const client = await RelayClient.connect(workerData)
let worst = 0
let isOver = false
parentPort?.once('message', () => {
  isOver = true
})
while (!isOver) {
  const askedAt = performance.now()
  await client.request('session/ping', {})
  worst = Math.max(worst, performance.now() - askedAt)
  await wait(5)
}
parentPort?.postMessage(worst)
client.close()
