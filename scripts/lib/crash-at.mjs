// node --import '…/crash-at.mjs?point=NAME&nth=N': a server that kills itself, as `kill -9` does, the nth time a job
// comes to a point; on the way it tells when each point was reached first.
import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'

const { searchParams } = new URL(import.meta.url)
const point = searchParams.get('point')
const nth = Number(searchParams.get('nth') ?? 1)
/** @type {Map<string, number>} */
const seen = new Map()

subscribe('tandem:job', (message) => {
  const name = String(message)
  const count = (seen.get(name) ?? 0) + 1
  seen.set(name, count)
  if (count === 1) writeSync(2, `\nmoment ${name} ${Number(process.hrtime.bigint()) / 1e6}\n`)
  if (name === point && count === nth) process.kill(process.pid, 'SIGKILL')
})
