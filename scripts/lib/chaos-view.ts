import * as Y from 'yjs'
import type { RelayClient } from '../../bench/lib/relay-client.ts'
import { parseDocumentFrame } from '../../core/document/frames.ts'

/** The document as a page that never saw it gets it, kept up to date. */
export async function openView(client: RelayClient, path: string): Promise<Y.Doc> {
  const doc = new Y.Doc()
  const early: Buffer[] = []
  let handle: number | undefined
  const { promise: filled, resolve: fill } = Promise.withResolvers<void>()
  const take = (bytes: Buffer) => {
    const frame = parseDocumentFrame(new Uint8Array(bytes))
    if (frame?.type !== 'sync' || frame.handle !== handle) return
    Y.applyUpdate(doc, frame.update)
    fill()
  }
  client.onBinary((bytes) => {
    if (handle === undefined) early.push(bytes)
    else take(bytes)
  })
  const opened = await client.request('document/open', { workspaceId: client.workspaceId, path })
  if (opened.kind !== 'text') throw new Error(`${path} is no text any more`)
  handle = opened.handle
  for (const bytes of early.splice(0)) take(bytes)
  await filled
  return doc
}

export function difference(is: string, due: string): string {
  let at = 0
  while (at < is.length && is[at] === due[at]) at++
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 60))
  return `at ${at} ${around(is)}, not ${around(due)}`
}

export async function until(isTrue: () => boolean): Promise<boolean> {
  for (let i = 0; i < 300; i++) {
    if (isTrue()) return true
    await wait(20)
  }
  return false
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
