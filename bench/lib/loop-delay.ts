// node --import bench/lib/loop-delay.ts?out=FILE: keeps in FILE, ten times a second, the longest time for which the
// main thread let nothing else happen since SIGUSR2 or its start: by the clock, which counts what other processes took
// too, and by what the thread itself computed meanwhile. Milliseconds.
import { rename, writeFile } from 'node:fs/promises'

const file = new URL(import.meta.url).searchParams.get('out')
const everyMs = 2
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
let last = { at: performance.now(), cpu: cpuMs() }
let longest = { wall: 0, cpu: 0 }
process.on('SIGUSR2', () => {
  longest = { wall: 0, cpu: 0 }
  last = { at: performance.now(), cpu: cpuMs() }
})
setInterval(() => {
  const now = { at: performance.now(), cpu: cpuMs() }
  longest.wall = Math.max(longest.wall, now.at - last.at - everyMs)
  longest.cpu = Math.max(longest.cpu, now.cpu - last.cpu)
  last = now
}, everyMs).unref()
// Not on the thread that is measured: where the disk is busy it would stand still for that alone.
let isKeeping = false
async function keep(to: string): Promise<void> {
  if (isKeeping) return
  isKeeping = true
  await writeFile(`${to}.new`, JSON.stringify(longest))
  await rename(`${to}.new`, to)
  isKeeping = false
}
setInterval(() => {
  if (file) void keep(file)
}, 100).unref()
