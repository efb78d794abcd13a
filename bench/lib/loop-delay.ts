// node --import bench/lib/loop-delay.ts?out=FILE: keeps in FILE, ten times a second, the longest time for which the
// main thread let nothing else happen since SIGUSR2 or its start: by the clock, which counts what other processes took
// too, and by what the thread itself computed meanwhile. Milliseconds.
import { writeFileSync } from 'node:fs'

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
setInterval(() => {
  if (file) writeFileSync(file, JSON.stringify(longest))
}, 100).unref()
