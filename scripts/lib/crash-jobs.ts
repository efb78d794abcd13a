import type { FakeRequest, Step } from '../../bench/fake-model/script.ts'
import type { Job } from '../../core/protocol/job.ts'
import { type CrashPoint, crashPoints } from '../../server/jobs/crash-points.ts'

/** What is done with a job, so that between them the jobs of a run come to every point. */
export const kinds = [
  'whole',
  'asks',
  'budget',
  'paused',
  'stopped',
  'conflict',
  'reopened',
  'rest',
  'steered',
  'planned',
  'goal',
  'scheduled',
  'requested',
  'own',
  'steps',
  'takenBack',
] as const
export type Kind = (typeof kinds)[number]

/** One job of a run, and what is known of it outside of the server. */
export interface CrashJob {
  readonly n: number
  readonly kind: Kind
  /** The file it changes. */
  readonly path: string
  /** Kills since it was handed off. */
  kills: number
  calls: number
  /** Acknowledged: it must be there from now on. */
  isHandedOff: boolean
  wasPaused: boolean
  wasStopped: boolean
  wasReopened: boolean
  wasSteered: boolean
  wasWanted: boolean
  wasScheduled: boolean
  /** From its commit on until nothing more becomes of that: nobody else commits meanwhile. */
  holdsMain: boolean
  isTakingBack: boolean
  /** A person had written where it did. */
  lostPlace: boolean
  commit: 'none' | 'asked' | 'acknowledged' | 'by another'
  /** The last that was seen of it. */
  seen: Job | undefined
  isOver: boolean
}

/** They write in a file of their own, in which nobody types meanwhile. */
const alone: ReadonlySet<Kind> = new Set(['conflict', 'own', 'steps', 'takenBack'])
export const isAlone = ({ kind }: CrashJob) => alone.has(kind)
/** What they do is committed. */
const committing: ReadonlySet<Kind> = new Set(['whole', 'own', 'steps', 'takenBack'])
export const isCommitted = ({ kind }: CrashJob) => committing.has(kind)

export function newJob(n: number, kind: Kind, paths: readonly string[]): CrashJob {
  return {
    n,
    kind,
    path: alone.has(kind) ? `alone/${n}.txt` : (paths[n % paths.length] ?? ''),
    kills: 0,
    calls: 0,
    isHandedOff: false,
    wasPaused: false,
    wasStopped: false,
    wasReopened: false,
    wasSteered: false,
    wasWanted: false,
    wasScheduled: false,
    holdsMain: false,
    isTakingBack: false,
    lostPlace: false,
    commit: 'none',
    seen: undefined,
    isOver: false,
  }
}

export const taskOf = ({ n, kind }: CrashJob) => `job-${n} ${kind} please`
export const againOf = ({ n }: CrashJob) => `again-${n} please`
export const goOf = ({ n }: CrashJob) => `go-${n} please`
/** Passes when the second step of the job is done too. */
export const goalOf = ({ n }: CrashJob) => `test -e made/${n}.txt`
export const steerOf = ({ n }: CrashJob) => `steer-${n} please`
export const commitMessageOf = ({ n }: CrashJob) => `Bring in job ${n}`
export const ownLine = ({ n }: CrashJob) => `note ${n}.0 is the person's`
export const slotLine = (n: number, state: 'open' | 'done') => `slot ${n}: ${state}`

/** Requests a job of the kind makes when nothing goes wrong, and the steps among them that change something. */
const shapes: Readonly<Record<Kind, { readonly requests: number; readonly commits: readonly number[] }>> = {
  whole: { requests: 5, commits: [2, 3] },
  asks: { requests: 3, commits: [2] },
  budget: { requests: 3, commits: [1] },
  paused: { requests: 3, commits: [1] },
  stopped: { requests: 3, commits: [1] },
  conflict: { requests: 2, commits: [1] },
  reopened: { requests: 4, commits: [1] },
  rest: { requests: 2, commits: [1] },
  steered: { requests: 3, commits: [1] },
  planned: { requests: 3, commits: [2] },
  goal: { requests: 4, commits: [1, 3] },
  scheduled: { requests: 2, commits: [1] },
  requested: { requests: 2, commits: [1] },
  own: { requests: 2, commits: [1] },
  steps: { requests: 2, commits: [1] },
  takenBack: { requests: 2, commits: [1] },
}
export const shapeOf = ({ kind }: CrashJob) => shapes[kind]

/** The kind that comes to the point soonest. */
const reaching: Partial<Readonly<Record<CrashPoint, Kind>>> = {
  turnHalted: 'rest',
  budgetAsked: 'budget',
  extended: 'budget',
  asked: 'asks',
  replied: 'asks',
  paused: 'paused',
  stopping: 'stopped',
  retried: 'stopped',
  reopened: 'reopened',
  sideTaken: 'conflict',
  sideKept: 'conflict',
  discarded: 'asks',
  proposed: 'planned',
  decided: 'planned',
  goalChecked: 'goal',
  scheduleDue: 'scheduled',
  scheduleBegun: 'scheduled',
  requestWanted: 'requested',
  branchPushed: 'requested',
  requestOpened: 'requested',
  commitNoted: 'own',
  commitMade: 'steps',
  headMoved: 'own',
  filesCommitted: 'steps',
  commitKept: 'own',
  headBack: 'takenBack',
  commitTaken: 'takenBack',
  commitForgotten: 'takenBack',
  textTaken: 'takenBack',
  unmerged: 'takenBack',
}
export const kindReaching = (point: CrashPoint): Kind => reaching[point] ?? 'whole'

/** Points that one job comes to again and again. */
export const repeatedPoints: ReadonlySet<CrashPoint> = new Set(
  crashPoints.filter((point) =>
    ['intended', 'heard', 'answered', 'acted', 'treeWritten', 'received', 'planned'].includes(point),
  ),
)

/** What the model says to a request for a job. */
export function answerFor(request: FakeRequest, jobs: readonly CrashJob[]): readonly Step[] {
  const again = /again-(\d+) please/.exec(request.userText)?.[1]
  const first = /job-(\d+) (\w+) please/.exec(JSON.stringify(request.history))?.[1]
  const job = jobs.find(({ n }) => n === Number(again ?? first))
  if (!job)
    return [
      { type: 'pause', ms: 30_000 },
      { type: 'text', text: 'That took long.' },
    ]
  job.calls++
  if (again !== undefined) return request.round === 0 ? [plan(true)] : [say(`again-${job.n} done`)]
  if (job.kind === 'planned' && request.userText.includes(taskOf(job))) return [say('First this, then that.')]
  return roundsOf(job, request)[roundOf(request)] ?? [say(`job-${job.n} done`)]
}

/** Tool results since the job began: words added meanwhile begin no new count. */
function roundOf({ history }: FakeRequest): number {
  return history.filter(({ type }) => typeof type === 'string' && type.endsWith('call_output')).length
}

const isTold = ({ userText }: FakeRequest) => userText.includes('does not pass yet')

function roundsOf(job: CrashJob, request: FakeRequest): readonly (readonly Step[])[] {
  const { n, kind } = job
  const write = edit(job)
  const end = say(`job-${n} done`)
  const slowly: Step = { type: 'pause', ms: 250 }
  switch (kind) {
    case 'whole':
      return [
        [plan(false)],
        [command(`mkdir -p made && echo ${n} >> made/${n}.txt`)],
        [write],
        [plan(true)],
        [end],
      ]
    case 'asks':
      return [[call('ask_person', { question: `Go on with ${n}?` })], [write], [end]]
    case 'budget':
      return [[write], [plan(true)], [end]]
    case 'paused':
      return [[slowly, write], [plan(true)], [end]]
    case 'stopped':
    case 'steered':
      return [[write], [slowly, plan(true)], [end]]
    // It says that it is done too early, and is told so.
    case 'goal':
      return isTold(request)
        ? [[write], [command(`mkdir -p made && echo ${n} > made/${n}.txt`)], [end]]
        : [[write], [end]]
    default:
      return [[write], [end]]
  }
}

const say = (text: string): Step => ({ type: 'text', text })
const call = (name: string, args: object): Step => ({
  type: 'functionCall',
  name,
  text: JSON.stringify(args),
})
const plan = (done: boolean) => call('update_plan', { steps: [{ text: 'write', done }] })
const command = (line: string) => call('run_command', { command: line })

function edit({ n, path }: CrashJob): Step {
  const text = `*** Begin Patch\n*** Update File: ${path}\n@@\n-${slotLine(n, 'open')}\n+${slotLine(n, 'done')}\n*** End Patch`
  return { type: 'customCall', name: 'apply_patch', text }
}
