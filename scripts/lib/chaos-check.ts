import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RelayClient } from '../../bench/lib/relay-client.ts'
import type { Item } from '../../core/protocol/item.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import type { WorkspaceState } from '../../core/protocol/workspace.ts'
import type { ChaosModel } from './chaos-model.ts'
import type { TypedLedger } from './chaos-person.ts'
import { readVersions, type Slot, typedIn } from './chaos-text.ts'
import type { ThreadLedger } from './chaos-threads.ts'

export interface Problem {
  /** `lost`: acknowledged and gone. `doubled`: there more than once. `broken`: anything else. */
  readonly kind: 'lost' | 'doubled' | 'broken'
  readonly what: string
}

type Report = (kind: Problem['kind'], what: string) => void

export interface ReadThreads {
  readonly list: WorkspaceState
  readonly threads: readonly ThreadState[]
  /** The list once its threads were opened. */
  readonly relisted: WorkspaceState
}

/** The workspace's list and all its threads, as a page that comes now is shown them. */
export async function readThreads(client: RelayClient): Promise<ReadThreads> {
  const list = await readList(client)
  const threads: ThreadState[] = []
  for (const { id } of list.threads) {
    const topic = `thread:${id}`
    const read = await client.request('topic/subscribe', { topic })
    await client.request('topic/unsubscribe', { topic })
    if (read.kind !== 'snapshot' || !('turns' in read.state)) throw new Error('a snapshot was due')
    threads.push(read.state)
  }
  return { list, threads, relisted: await readList(client) }
}

async function readList(client: RelayClient): Promise<WorkspaceState> {
  const listed = await client.request('topic/subscribe', { topic: `workspace:${client.workspaceId}` })
  if (listed.kind !== 'snapshot' || !('threads' in listed.state)) throw new Error('a snapshot was due')
  return listed.state
}

/** Acknowledged threads, titles, prompts and redirections are there, once, and nothing is under way without an owner. */
export function checkThreads(
  { list, relisted, threads }: ReadThreads,
  {
    ledger,
    model,
    report,
  }: { readonly ledger: ThreadLedger; readonly model: ChaosModel; readonly report: Report },
): void {
  for (const { id, running, title } of list.threads) {
    if (running) report('broken', `${id} is listed as running`)
    const known = ledger.threads.find((thread) => thread.id === id)
    if (known && !known.titles.includes(title)) report('lost', `title of ${id} in the list, now "${title}"`)
  }
  for (const { id, title } of relisted.threads) {
    const same = threads.find((thread) => thread.id === id)
    if (same && same.title !== title) report('broken', `${id} is listed as "${title}", not "${same.title}"`)
  }
  for (const known of ledger.threads) {
    const thread = threads.find(({ id }) => id === known.id)
    if (thread === undefined) {
      report('lost', `thread ${known.id}`)
      continue
    }
    if (!known.titles.includes(thread.title)) report('lost', `title of ${known.id}, now "${thread.title}"`)
    for (const { id, text } of known.turns) {
      const turn = thread.turns.find((other) => other.id === id)
      if (!turn?.items.some((item) => item.type === 'userMessage' && item.text === text))
        report('lost', `turn ${id}`)
    }
    const hunks = hunksOf(thread)
    for (const id of known.durableHunks) {
      const found = hunks.find((other) => other.hunk.id === id)
      // A later hunk that fits nowhere takes the file's earlier ones with it.
      if (found?.file.status === 'failed') continue
      const hunk = found?.hunk
      if (hunk?.status !== 'written' && hunk?.status !== 'undone') report('lost', `hunk ${id}`)
    }
    for (const turn of thread.turns) {
      if (known.undone.has(turn.id) && turn.undone === undefined) report('lost', `undo of ${turn.id}`)
      if (turn.undone && !known.undone.has(turn.id) && !known.undoing.includes(turn.id))
        report('broken', `${turn.id} was undone by nobody`)
    }
    const undoing = thread.turns.filter((turn) => known.undoing.includes(turn.id) && wroteSomething(turn))
    if (new Set(undoing.map(({ undone }) => undone !== undefined)).size > 1)
      report('broken', `${known.id} went back by half: ${undoing.map(({ id }) => id).join(', ')}`)
    const said = prompts(thread)
    for (const text of known.redirects) if (!said.includes(text)) report('lost', `redirection ${text}`)
  }
  const all = threads.flatMap(prompts)
  for (const text of new Set(all)) {
    if (all.filter((other) => other === text).length > 1) report('doubled', `prompt ${text}`)
    if (!ledger.prompts.has(text)) report('broken', `prompt nobody gave: ${text}`)
  }
  for (const thread of threads) for (const turn of thread.turns) checkTurn(turn, model, report)
}

function wroteSomething({ items }: ThreadState['turns'][number]): boolean {
  return items.some(
    (item) =>
      item.type === 'fileChange' &&
      item.files.some(({ hunks }) => hunks.some(({ status }) => status === 'written' || status === 'undone')),
  )
}

function checkTurn(turn: ThreadState['turns'][number], model: ChaosModel, report: Report): void {
  if (turn.status === 'running' || turn.status === 'retrying')
    report('broken', `${turn.id} is ${turn.status}`)
  if (turn.status === 'failed') report('broken', `${turn.id} failed: ${JSON.stringify(turn.failure)}`)
  for (const item of turn.items) {
    if ('status' in item && (item.status === 'streaming' || item.status === 'running'))
      report('broken', `${item.id} is ${item.status}`)
    if (item.type === 'agentMessage') checkAnswer(item, model, report)
    if (item.type !== 'fileChange') continue
    for (const { path, status, hunks } of item.files) {
      if (status === 'writing') report('broken', `${path} of ${item.id} is being written`)
      for (const hunk of hunks) if (hunk.status === 'writing') report('broken', `${hunk.id} is being written`)
    }
  }
}

function checkAnswer(item: Item & { type: 'agentMessage' }, model: ChaosModel, report: Report): void {
  const number = /^answer (\d+) /.exec(item.text)?.[1]
  const whole = number === undefined ? 'answer ' : (model.answers.get(Number(number)) ?? '')
  // Cut within its number it may be the beginning of any.
  const fits = number === undefined ? /^(answer( \d*)?|.{0,6})$/.test(item.text) : whole.startsWith(item.text)
  if (!fits) report('doubled', `answer ${item.id}: ${JSON.stringify(item.text.slice(0, 200))}`)
  if (number !== undefined && item.status === 'completed' && item.text !== whole)
    report('lost', `end of answer ${item.id}`)
}

function prompts(thread: ThreadState): readonly string[] {
  return thread.turns.flatMap((turn) =>
    turn.items.flatMap((item) => (item.type === 'userMessage' ? [item.text] : [])),
  )
}

function hunksOf(thread: ThreadState) {
  return thread.turns.flatMap((turn) =>
    turn.items.flatMap((item) =>
      item.type !== 'fileChange'
        ? []
        : item.files.flatMap((file) => file.hunks.map((hunk) => ({ hunk, file, item }))),
    ),
  )
}

/** Slots that a turn rewrote. */
export function slotsOf(turn: ThreadState['turns'][number], model: ChaosModel): readonly number[] {
  return turn.items.flatMap((item) =>
    item.type === 'fileChange'
      ? (model.plans.get(item.callId)?.rewrites.map(({ slot }) => slot.id) ?? [])
      : [],
  )
}

/** What the log says of each slot: the version the last finished hunk wrote. */
export function versionsInLog(
  threads: readonly ThreadState[],
  model: ChaosModel,
): ReadonlyMap<number, number> {
  const versions = new Map<number, number>()
  for (const { hunk, item } of threads.flatMap(hunksOf)) {
    const slot = Number(/^slot (\d+) version \d+ begin$/m.exec(hunk.removedText)?.[1] ?? Number.NaN)
    const rewrite = model.plans.get(item.callId)?.rewrites.find((other) => other.slot.id === slot)
    if (hunk.status === 'written' && rewrite)
      versions.set(slot, Math.max(rewrite.to, versions.get(slot) ?? 0))
  }
  return versions
}

/** The text holds what was acknowledged and what the log says, once. */
export function checkText(
  path: string,
  text: string,
  options: {
    readonly slots: readonly Slot[]
    readonly logged: ReadonlyMap<number, number>
    /** Slots whose last rewriting may have been undone just before the crash. */
    readonly unsure: ReadonlySet<number>
    readonly typed: TypedLedger
    /** Those whose pages live on have brought what was not acknowledged. */
    readonly isRejoined: boolean
    readonly report: Report
  },
): void {
  const { slots, logged, unsure, typed, isRejoined, report } = options
  const there = typedIn(text)
  const counts = new Map<string, number>()
  for (const character of there) counts.set(character, (counts.get(character) ?? 0) + 1)
  for (const [character, count] of counts) if (count > 1) report('doubled', `${character} in ${path}`)
  for (const [character, { path: of, acknowledged, mayBeLost }] of typed) {
    if (of !== path || counts.has(character)) continue
    if (acknowledged || (isRejoined && !mayBeLost))
      report('lost', `${character} (${acknowledged ? 'acknowledged' : 'brought again'}) in ${path}`)
  }
  const versions = readVersions(
    text,
    slots.filter((slot) => slot.path === path),
  )
  if (typeof versions === 'string') return report('broken', `${path}: ${versions}`)
  for (const [slot, version] of versions) {
    const wanted = logged.get(slot) ?? 0
    if (version === wanted || (version < wanted && unsure.has(slot))) continue
    if (version < wanted) report('lost', `finished hunk ${slot}.${wanted} in ${path}, which has ${version}`)
    else report('broken', `${path} has ${slot}.${version}, the log ${wanted}`)
  }
}

/** Files a model made or deleted are as the log says. */
export function checkFiles(
  threads: readonly ThreadState[],
  {
    workspace,
    model,
    report,
  }: { readonly workspace: string; readonly model: ChaosModel; readonly report: Report },
): void {
  const items = threads.flatMap((thread) => thread.turns.flatMap((turn) => turn.items))
  const edits = items.flatMap((item) => (item.type === 'fileChange' ? item.files : []))
  const wantedOf = (path: string) =>
    [...model.plans.values()].find(({ adds }) => adds?.path === path)?.adds?.text
  for (const { path, status } of edits.filter(({ kind }) => kind === 'add')) {
    const text = read(join(workspace, path))
    const deletes = edits.filter((edit) => edit.path === path && edit.kind === 'delete')
    const isDeleted = deletes.some((edit) => edit.status === 'written')
    if (isDeleted && text !== undefined) report('broken', `${path} was deleted and is there`)
    if (deletes.length === 0 && status === 'written' && text !== wantedOf(path))
      report('lost', `${path}, added, is ${JSON.stringify(text)}`)
  }
  for (const name of list(join(workspace, 'made'))) {
    const path = `made/${name}`
    if (read(join(workspace, path)) !== wantedOf(path)) report('broken', `${path} is not whole`)
    if (!edits.some((edit) => edit.path === path)) report('broken', `${path} is there and not in the log`)
  }
}

/** Nothing half-written lies about. */
export function checkLeftovers(workspace: string, report: Report): void {
  for (const name of readdirSync(workspace, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.tandem-tmp')) report('broken', `${name} was left behind`)
}

/** What a server logged as errors, each once. */
export function complaintsOf(output: string): readonly string[] {
  const lines = output.split('\n').filter((line) => line.includes('"level":50'))
  return [...new Set(lines)].map((line) => `the server logged ${line.slice(0, 600)}`)
}

/** Looks into the database beside the server. */
export function checkDatabase(data: string, report: Report): void {
  const db = new DatabaseSync(join(data, 'tandem.db'), { readOnly: true })
  try {
    const state = db.prepare('PRAGMA integrity_check').get()
    if (state?.integrity_check !== 'ok') report('broken', `database: ${JSON.stringify(state)}`)
    const gaps = db
      .prepare(
        `SELECT name, head, count(seq) AS events, max(seq) AS last FROM topic LEFT JOIN event ON topic = name
         GROUP BY name HAVING events <> head OR last <> head`,
      )
      .all()
    for (const gap of gaps) report('broken', `seqs of ${JSON.stringify(gap)}`)
  } finally {
    db.close()
  }
}

export function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
