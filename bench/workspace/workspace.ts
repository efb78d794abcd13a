import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createScratch } from '../../scripts/lib/scratch.ts'
import { startTandem } from '../../scripts/lib/tandem-process.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'

const folders = 250
const filesEach = 200
const megabyte = 1024 * 1024

/** Large things: a folder of 50,000 files, a file of 10 MB; and whether others wait meanwhile. */
export async function measureWorkspace({ quick }: { quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 2 : 5
  const scratch = createScratch({ files: {} })
  for (let folder = 0; folder < folders; folder++) {
    const path = join(scratch.workspace, `folder${folder}`)
    mkdirSync(path)
    for (let file = 0; file < filesEach; file++) writeFileSync(join(path, `file${file}.ts`), 'export {}\n')
  }
  const line = `${'export const value = 1 // '.padEnd(99, 'x')}\n`
  for (let run = 0; run < runs; run++)
    scratch.write(`big${run}.txt`, line.repeat((10 * megabyte) / line.length))

  const startedAt = performance.now()
  const tandem = await startTandem({ ...scratch, workspaces: [scratch.workspace] })
  const started = performance.now() - startedAt
  const client = await RelayClient.connect(tandem)
  try {
    const { workspaceId } = client
    const blocked = watchPings(client)
    const root = await timed(() => client.request('file/list', { workspaceId, path: '' }))
    const listed: number[] = []
    const found: number[] = []
    const opened: number[] = []
    for (let run = 0; run < runs; run++) {
      listed.push(await timed(() => client.request('file/list', { workspaceId, path: `folder${run}` })))
      found.push(
        await timed(() =>
          client.request('file/find', { workspaceId, query: `folder${run}file9`, limit: 50 }),
        ),
      )
      opened.push(await timed(() => openDocument(client, `big${run}.txt`)))
    }
    const worst = await blocked()
    return [
      row('workspace.start', 'ms', [started]),
      row('workspace.firstTree', 'ms', [root], 500),
      row('workspace.folder', 'ms', listed, 100),
      row('workspace.find', 'ms', found),
      row('workspace.open10MB', 'ms', opened, 1500),
      row('workspace.longestBlock', 'ms', [worst], 250),
    ]
  } finally {
    client.close()
    await tandem.end()
    scratch.remove()
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Until the whole text has arrived. */
async function openDocument(client: RelayClient, path: string): Promise<void> {
  const { promise: arrived, resolve } = Promise.withResolvers<void>()
  const stop = client.onBinary((bytes) => {
    if (bytes.length > 9 * megabyte) resolve()
  })
  const answer = await client.request('document/open', { workspaceId: client.workspaceId, path })
  if (answer.kind !== 'text') throw new Error(`${path} was not opened: ${answer.kind}`)
  await arrived
  stop()
  await client.request('document/close', { handle: answer.handle })
}

/** Asks the server again and again whether it is there; the answer tells the longest it took. */
function watchPings(client: RelayClient): () => Promise<number> {
  let worst = 0
  let running = true
  const watching = (async () => {
    while (running) {
      worst = Math.max(worst, await timed(() => client.request('session/ping', {})))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  return async () => {
    running = false
    await watching
    return worst
  }
}
