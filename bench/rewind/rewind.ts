import type { RewindId, ThreadId, TurnId } from '../../core/protocol/ids.ts'
import { RelayClient } from '../lib/relay-client.ts'
import { type Row, row } from '../lib/row.ts'
import { withServer } from '../lib/with-server.ts'

const repositoryFiles = 5000
const editedFiles = 50
const linesEach = 200

/** A turn that edited 50 files of a repository of 5,000: what going back costs, and forth, and seeing it before. */
export async function measureRewind(options: {
  readonly quick: boolean
  readonly profile: string | undefined
}): Promise<readonly Row[]> {
  const runs = options.quick ? 3 : 10
  const text = Array.from({ length: linesEach }, (_, line) => `export const value${line} = ${line}\n`).join(
    '',
  )
  const paths = Array.from({ length: repositoryFiles }, (_, n) => `src/folder${n % 100}/file${n}.ts`)
  const files = Object.fromEntries(paths.map((path) => [path, text]))
  return withServer({ files, profile: options.profile }, async ({ tandem }) => {
    const client = await RelayClient.connect(tandem)
    try {
      return await measure(client, paths.slice(0, editedFiles), runs)
    } finally {
      client.close()
    }
  })
}

async function measure(
  client: RelayClient,
  edited: readonly string[],
  runs: number,
): Promise<readonly Row[]> {
  const threadId = await client.openThread()
  const preview: number[] = []
  const rewind: number[] = []
  const unrewind: number[] = []
  for (let run = 0; run < runs; run++) {
    const turnId = await edit(client, threadId, edited)
    const rewinding = { threadId, turnId }
    preview.push(await timed(() => client.request('thread/rewindPreview', rewinding)))
    let done: { rewindId: RewindId; files: readonly string[] } | undefined
    rewind.push(
      await timed(async () => {
        done = await client.request('thread/rewind', { ...rewinding, what: 'both' })
      }),
    )
    if (done?.files.length !== editedFiles) throw new Error(`${done?.files.length} files went back`)
    const { rewindId } = done
    unrewind.push(await timed(() => client.request('thread/unrewind', { threadId, rewindId })))
    await client.request('thread/rewind', { ...rewinding, what: 'both' })
  }
  return [
    row('rewind.preview', 'ms', preview),
    row('rewind.rewind', 'ms', rewind, 500),
    row('rewind.unrewind', 'ms', unrewind, 500),
  ]
}

/** One turn that changes a line of each file. */
async function edit(client: RelayClient, threadId: ThreadId, paths: readonly string[]): Promise<TurnId> {
  const patch = paths.flatMap((path) => [
    `*** Update File: ${path}`,
    '@@',
    '-export const value100 = 100',
    '+export const value100 = 1000',
    '+export const another = true',
  ])
  const text = ['fake: patch', '*** Begin Patch', ...patch, '*** End Patch', ''].join('\n')
  const { promise: settled, resolve } = Promise.withResolvers<void>()
  const stop = client.onEvent(({ event }) => {
    if (event.type === 'turn/settled') resolve()
  })
  const { turnId } = await client.request('turn/start', { threadId, text, context: { openPaths: [] } })
  await settled
  stop()
  return turnId
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}
