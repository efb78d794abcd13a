import { watch } from 'node:fs'
import { join } from 'node:path'
import * as Y from 'yjs'
import { RelayClient } from '../../bench/lib/relay-client.ts'
import { textOf } from '../../core/document/document-text.ts'
import { type Random, randomInt, seededRandom } from '../../core/lib/random.ts'
import type { ThreadState } from '../../core/protocol/thread.ts'
import {
  checkDatabase,
  checkFiles,
  checkLeftovers,
  checkText,
  checkThreads,
  complaintsOf,
  type Problem,
  read,
  readThreads,
  slotsOf,
  versionsInLog,
} from './chaos-check.ts'
import { ChaosModel } from './chaos-model.ts'
import { ChaosPerson, type TypedLedger } from './chaos-person.ts'
import { fileText, readVersions, type Slot, typedCharacter } from './chaos-text.ts'
import { ThreadDriver, ThreadLedger } from './chaos-threads.ts'
import { difference, openView, until, wait } from './chaos-view.ts'
import { createScratch, type Scratch } from './scratch.ts'
import {
  launchTandem,
  type StartingTandem,
  type TandemOptions,
  type TandemProcess,
} from './tandem-process.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly kills: number
  readonly nodeFlags?: readonly string[]
  /** Keeps the folders of a run that failed, and says where. */
  readonly keep?: boolean
}

export interface ChaosResult {
  readonly seed: number
  readonly kills: number
  readonly acknowledged: number
  readonly typed: number
  readonly hunks: number
  readonly problems: readonly (Problem & { readonly kill: number })[]
  /** From the start after a kill to the first answer. */
  readonly recoveryMs: readonly number[]
}

/** What the server is killed at. */
const triggers = [
  'time',
  'temporaryFile',
  'hunkWritten',
  'turnStarted',
  'typed',
  'settled',
  'editEnds',
  'undo',
] as const
type Trigger = (typeof triggers)[number]

const paths = ['a.txt', 'src/b.txt', 'src/deep/c.txt']
const drivers = 3
const slots: readonly Slot[] = Array.from({ length: 18 }, (_, id) => ({
  id,
  path: paths[id % paths.length] ?? '',
}))

/** People and models at work on a server that is killed again and again. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const run = new ChaosRun(options)
  try {
    await run.start()
    while (run.killed < options.kills) await run.round()
    await run.end()
  } catch (error) {
    run.report('broken', error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await run.clear()
  }
  return run.result()
}

class ChaosRun {
  killed = 0
  readonly #options: ChaosOptions
  readonly #random: Random
  readonly #problems: (Problem & { readonly kill: number })[] = []
  readonly #recoveryMs: number[] = []
  readonly #typed: TypedLedger = new Map()
  readonly #ledger = new ThreadLedger()
  readonly #people: ChaosPerson[]
  readonly #drivers: ThreadDriver[]
  readonly #model: ChaosModel
  readonly #made: string[] = []
  #typedCount = 0
  #hunks = 0
  #scratch: Scratch | undefined
  #launch: TandemOptions | undefined
  #starting: StartingTandem | undefined
  #tandem: TandemProcess | undefined
  #clients: RelayClient[] = []
  #fire: (trigger: Trigger) => void = () => undefined

  constructor(options: ChaosOptions) {
    this.#options = options
    const random = seededRandom(options.seed)
    this.#random = random
    const nextCharacter = () => typedCharacter(this.#typedCount++)
    this.#people = [0, 1].map(() => new ChaosPerson({ random, typed: this.#typed, nextCharacter }))
    for (const person of this.#people) person.onAcknowledged = () => this.#fire('typed')
    this.#model = new ChaosModel({ random, slots, textOf: (path) => this.#people[0]?.text(path) })
    this.#drivers = Array.from(
      { length: drivers },
      (_, index) =>
        new ThreadDriver({
          random,
          ledger: this.#ledger,
          slots: slots.flatMap(({ id }) => (Math.floor(id / paths.length) % drivers === index ? [id] : [])),
          paths,
          nextDelete: () => this.#made.shift(),
          onUndo: () => this.#fire('undo'),
        }),
    )
  }

  report(kind: Problem['kind'], what: string): void {
    this.#problems.push({ kind, what, kill: this.killed })
  }

  result(): ChaosResult {
    const { seed } = this.#options
    const typed = [...this.#typed.values()].filter(({ acknowledged }) => acknowledged).length
    return {
      seed,
      kills: this.killed,
      acknowledged: this.#ledger.acknowledged + typed,
      typed,
      hunks: this.#hunks,
      problems: this.#problems,
      recoveryMs: this.#recoveryMs,
    }
  }

  async start(): Promise<void> {
    const modelUrl = await this.#model.listen()
    const files = Object.fromEntries(
      paths.map((path) => [
        path,
        fileText(
          slots.filter((slot) => slot.path === path),
          () => 0,
        ),
      ]),
    )
    const scratch = createScratch({ files, modelUrl })
    this.#scratch = scratch
    const { nodeFlags } = this.#options
    const { data, config, workspace } = scratch
    this.#launch = { data, config, workspaces: [workspace], ...(nodeFlags && { nodeFlags }) }
    const { port } = await this.#boot()
    this.#launch = { ...this.#launch, port }
  }

  /** Work until a moment comes, the kill, the restart, the questions. */
  async round(): Promise<void> {
    await this.#work()
    for (let again = 0; again < 2 && this.killed < this.#options.kills; again++) {
      if (this.#random.next() < 0.3) await this.#killWhileStarting()
    }
    const startedAt = performance.now()
    const tandem = await this.#boot()
    const observer = await RelayClient.connect(tandem)
    this.#recoveryMs.push(performance.now() - startedAt)
    this.#clients.push(observer)
    const read = await readThreads(observer)
    checkThreads(read, { ledger: this.#ledger, model: this.#model, report: this.#reportHere })
    await this.#checkDocuments(observer, read.threads)
    await this.#undoAgain(observer, read.threads)
    await this.#resume(observer, read.threads)
    if (this.#problems.length === 0) this.#noteMade(read.threads)
    this.#hunks = versionsInLog(read.threads, this.#model).size + this.#hunks
    observer.close()
  }

  async end(): Promise<void> {
    await this.#tandem?.end('SIGTERM')
    const { data, workspace } = this.#scratch ?? { data: '', workspace: '' }
    checkDatabase(data, this.#reportHere)
    checkLeftovers(workspace, this.#reportHere)
  }

  async clear(): Promise<void> {
    for (const person of this.#people) person.forget()
    for (const client of this.#clients) client.close()
    this.#starting?.kill('SIGKILL')
    await this.#starting?.exit
    await this.#model.close()
    if (this.#problems.length > 0 && this.#options.keep) console.log(`Kept: ${this.#scratch?.data}/..`)
    else this.#scratch?.remove()
  }

  readonly #reportHere = (kind: Problem['kind'], what: string): void => this.report(kind, what)

  async #boot(): Promise<TandemProcess> {
    if (this.#launch === undefined) throw new Error('start() comes first')
    this.#starting = launchTandem(this.#launch)
    this.#tandem = await this.#starting.ready
    return this.#tandem
  }

  async #kill(): Promise<void> {
    const starting = this.#starting
    starting?.kill('SIGKILL')
    await starting?.exit
    for (const complaint of complaintsOf(starting?.output() ?? '')) this.report('broken', complaint)
    this.killed += 1
  }

  async #killWhileStarting(): Promise<void> {
    if (this.#launch === undefined) return
    this.#starting = launchTandem(this.#launch)
    await wait(randomInt(this.#random, 2000))
    await this.#kill()
  }

  async #work(): Promise<void> {
    const tandem = this.#tandem
    if (tandem === undefined) return
    const trigger = triggers[randomInt(this.#random, triggers.length)] ?? 'time'
    const moment = new Promise<void>((resolve) => {
      const after = 100 + randomInt(this.#random, 1200)
      const grace = randomInt(this.#random, 20)
      setTimeout(() => {
        if (trigger === 'time') return resolve()
        setTimeout(resolve, 2000)
        this.#fire = (which) => {
          if (which === trigger) setTimeout(resolve, which === 'temporaryFile' ? 0 : grace)
        }
      }, after)
    })
    const watcher = watch(this.#scratch?.workspace ?? '', { recursive: true }, (_, name) => {
      if (name?.endsWith('.tandem-tmp')) this.#fire('temporaryFile')
    })
    const clients = await Promise.all(this.#people.map(() => RelayClient.connect(tandem)))
    this.#clients.push(...clients)
    const [first] = clients
    if (first === undefined) return
    await Promise.all(this.#people.map((person, i) => person.connect(clients[i] ?? first, paths)))
    first.onEvent(({ event }) => {
      if (event.type === 'edit/hunkChanged' && event.hunk.status === 'written') this.#fire('hunkWritten')
      if (event.type === 'turn/started') this.#fire('turnStarted')
      if (event.type === 'turn/settled') this.#fire('settled')
      if (event.type === 'edit/fileChanged' && event.file.status !== 'writing') this.#fire('editEnds')
    })
    const work = this.#drivers.map((driver) => driver.run(first))
    const typing = setInterval(() => {
      for (const person of this.#people) if (this.#random.next() < 0.4) person.type()
    }, 15)
    const failed = Promise.all(work)
    await Promise.race([moment, failed])
    await this.#kill()
    clearInterval(typing)
    watcher.close()
    this.#fire = () => undefined
    await failed
    for (const person of this.#people) {
      if (this.#random.next() < 0.3) person.forget()
      else person.leave()
    }
    for (const client of clients) client.close()
  }

  async #checkDocuments(observer: RelayClient, threads: readonly ThreadState[]): Promise<void> {
    const workspace = this.#scratch?.workspace ?? ''
    const logged = versionsInLog(threads, this.#model)
    const views = new Map<string, Y.Doc>()
    for (const path of paths) views.set(path, await openView(observer, path))
    const unsure = new Set(this.#undoing(threads).flatMap(({ turn }) => slotsOf(turn, this.#model)))
    const textAt = (path: string) => textOf(views.get(path) ?? new Y.Doc()).toString()
    const check = (isRejoined: boolean) => {
      for (const path of paths) {
        const options = { slots, logged, unsure, typed: this.#typed, isRejoined, report: this.#reportHere }
        checkText(path, textAt(path), options)
      }
    }
    check(false)
    const client = await RelayClient.connect(this.#tandem ?? (await this.#boot()))
    for (const person of this.#people) await person.connect(client, paths)
    await until(() => this.#people.every(({ isSaved }) => isSaved))
    for (const path of paths) {
      for (const person of this.#people) {
        if (!(await until(() => person.text(path) === textAt(path))))
          this.report(
            'broken',
            `a page shows ${path} otherwise: ${difference(person.text(path) ?? '', textAt(path))}`,
          )
      }
      if (!(await until(() => read(join(workspace, path)) === textAt(path))))
        this.report(
          'lost',
          `${path} on disk is otherwise: ${difference(read(join(workspace, path)) ?? '', textAt(path))}`,
        )
    }
    check(true)
    checkFiles(threads, { workspace, model: this.#model, report: this.#reportHere })
    checkLeftovers(workspace, this.#reportHere)
    checkDatabase(this.#scratch?.data ?? '', this.#reportHere)
    for (const person of this.#people) person.leave()
    client.close()
    for (const view of views.values()) view.destroy()
  }

  /** Turns of which it is not known whether they were undone, and which the log shows as not undone. */
  #undoing(threads: readonly ThreadState[]) {
    return this.#ledger.threads.flatMap((known) => {
      const turns = threads.find(({ id }) => id === known.id)?.turns ?? []
      return turns
        .filter(({ id, undone }) => known.undoing.includes(id) && undone === undefined)
        .map((turn) => ({ known, turn }))
    })
  }

  /** Who asked for an undo asks again, then has it redone: whatever the crash left, both are exact. */
  async #undoAgain(client: RelayClient, threads: readonly ThreadState[]): Promise<void> {
    const undoing = this.#undoing(threads)
    for (const known of this.#ledger.threads) {
      const turns = threads.find(({ id }) => id === known.id)?.turns ?? []
      for (const { id, undone } of turns) if (undone && known.undoing.includes(id)) known.undone.add(id)
      known.undoing = []
    }
    // Of a rewind the last turn: what stands on another one comes out before it.
    const last = undoing.filter(({ known }, at) => undoing[at + 1]?.known !== known)
    for (const { known, turn } of last) {
      for (const method of ['turn/undo', 'turn/redo'] as const) {
        await client.request(method, { threadId: known.id, turnId: turn.id })
        const logged = versionsInLog((await readThreads(client)).threads, this.#model)
        for (const path of paths) {
          const view = await openView(client, path)
          const versions = readVersions(
            textOf(view).toString(),
            slots.filter((slot) => slot.path === path),
          )
          if (typeof versions === 'string') this.report('broken', `${path} after ${method}: ${versions}`)
          else
            for (const slot of slotsOf(turn, this.#model))
              if (versions.has(slot) && versions.get(slot) !== (logged.get(slot) ?? 0))
                this.report('broken', `${method} gave ${slot}.${versions.get(slot)}, not ${logged.get(slot)}`)
          view.destroy()
        }
      }
    }
  }

  /** A turn that was interrupted goes on and comes to its end. */
  async #resume(client: RelayClient, threads: readonly ThreadState[]): Promise<void> {
    const thread = threads.find(({ turns }) => turns.at(-1)?.failure?.code === 'serverRestarted')
    const turnId = thread?.turns.at(-1)?.id
    if (thread === undefined || turnId === undefined) return
    const topic = `thread:${thread.id}`
    const end = new Promise<string>((resolve) => {
      client.onEvent(({ topic: of, event }) => {
        if (of === topic && event.type === 'turn/settled') resolve(event.status)
      })
    })
    await client.request('topic/subscribe', { topic })
    await client.request('turn/resume', { threadId: thread.id, turnId })
    const status = await Promise.race([end, wait(15_000).then(() => 'still running')])
    if (status !== 'completed') this.report('broken', `${turnId} was resumed and is ${status}`)
  }

  /** Files that models made and that may be deleted by others from now on. */
  #noteMade(threads: readonly ThreadState[]): void {
    const files = threads.flatMap(({ turns }) =>
      turns.flatMap(({ items }) => items.flatMap((item) => (item.type === 'fileChange' ? item.files : []))),
    )
    const gone = files.filter(({ kind }) => kind === 'delete').map(({ path }) => path)
    const made = files.filter(({ kind, status }) => kind === 'add' && status === 'written')
    this.#made.splice(
      0,
      this.#made.length,
      ...made.map(({ path }) => path).filter((path) => !gone.includes(path)),
    )
  }
}
