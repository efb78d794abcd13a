import { statfs } from 'node:fs/promises'
import type { Timers } from '../timers.ts'

/** How often the room of the whole disk is asked for, which costs nothing; and how often the copy is weighed anyway. */
const lookMs = 250
const weighMs = 5000
/** So much less of it is a reason to weigh at once, whoever took it. */
const lostMiB = 100

/** Weighs what a command makes of the disk while it runs; a command that writes quickly is not waited for. */
export function watchCopy(options: {
  readonly timers: Timers
  readonly folder: string
  /** Answers whether there is too much. */
  readonly weigh: () => Promise<boolean>
  readonly onFull: () => void
  readonly freeMiB?: (folder: string) => Promise<number>
}): () => void {
  const { timers, folder, weigh, onFull, freeMiB = roomOf } = options
  let free: number | undefined
  let since = 0
  let isLooking = false
  async function look(): Promise<void> {
    since += lookMs
    const now = await freeMiB(folder).catch(() => free ?? 0)
    free ??= now
    if (since < weighMs && free - now < lostMiB) return
    since = 0
    free = now
    if (await weigh()) onFull()
  }
  return timers.every(lookMs, () => {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  })
}

async function roomOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return (bavail * bsize) / 2 ** 20
}
