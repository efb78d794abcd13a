import type { Call } from '../protocol/call.ts'
import type { Turn } from '../protocol/turn.ts'

/**
 * The way of a prompt to the first token on the page. Each hop is named by what it is spent on and ends at the point of
 * the same place in `points`.
 */
export const hopNames = [
  'press',
  'up',
  'prepare',
  'queue',
  'connect',
  'send',
  'model',
  'relay',
  'down',
  'parse',
  'apply',
  'paint',
] as const
export type HopName = (typeof hopNames)[number]

export interface Hop {
  readonly name: HopName
  /** Whole microseconds. */
  readonly us: number
}

/** What a page saw of one call, in milliseconds of its own clock. */
export interface PageStamps {
  /** The key or the button was pressed, and the prompt left. Only where this page asked. */
  readonly pressed?: number | undefined
  readonly sent?: number | undefined
  /** Of the first token. */
  readonly received: number
  readonly parsed: number
  readonly applied: number
  /** Missing where nothing is painted, as in a hidden tab. */
  readonly painted?: number | undefined
  /** The relay's clock less the page's, as known then. */
  readonly offset?: number | undefined
}

/** Microseconds by the relay's clock at which hops end; the first point begins the way. */
type Point = readonly [HopName | 'begin', number | undefined]

/** The hops of one call; those next to a missing stamp are one, under the name of what it ends with. */
export function hopsOf(call: Call, page?: PageStamps): readonly Hop[] {
  const since = (us: number | undefined) => (us === undefined ? undefined : call.at + us)
  const onPage = page && placed(call, page)
  const points: readonly Point[] = [
    ['begin', onPage?.pressed],
    ['press', onPage?.sent],
    ['up', call.at],
    ['prepare', since(call.asked)],
    ['queue', since(call.admitted)],
    ['connect', since(call.connected)],
    ['send', since(call.sent)],
    ['model', since(call.firstToken)],
    ['relay', since(call.out)],
    ['down', onPage?.received],
    ['parse', onPage?.parsed],
    ['apply', onPage?.applied],
    ['paint', onPage?.painted],
  ]
  const hops: Hop[] = []
  let last: number | undefined
  for (const [name, point] of points) {
    if (point === undefined) continue
    if (last !== undefined && name !== 'begin') hops.push({ name, us: Math.max(0, point - last) })
    last = Math.max(last ?? point, point)
  }
  return hops
}

export function sumOf(hops: readonly Hop[]): number {
  return hops.reduce((sum, { us }) => sum + us, 0)
}

/**
 * The page's stamps on the relay's clock. Nothing arrives before it left, which bounds how far the clocks can be apart;
 * the estimate is used within these bounds, and without one the way there is taken to be as long as the way back.
 */
function placed(call: Call, page: PageStamps): Omit<PageStamps, 'offset'> | undefined {
  if (call.out === undefined) return undefined
  const latest = page.sent === undefined ? Number.POSITIVE_INFINITY : call.at - micros(page.sent)
  const earliest = call.at + call.out - micros(page.received)
  const middle = Number.isFinite(latest) ? Math.round((earliest + latest) / 2) : earliest
  const guess = page.offset === undefined ? middle : micros(page.offset)
  const offset = Math.max(earliest, Math.min(latest, guess))
  const there = (ms: number) => micros(ms) + offset
  const { pressed, sent, received, parsed, applied, painted } = page
  return {
    pressed: pressed === undefined ? undefined : there(pressed),
    sent: sent === undefined ? undefined : there(sent),
    received: there(received),
    parsed: there(parsed),
    applied: there(applied),
    painted: painted === undefined ? undefined : there(painted),
  }
}

function micros(ms: number): number {
  return Math.round(ms * 1000)
}

/** The call that brought the turn's first token. */
export function firstCall({ calls = [] }: { readonly calls?: Turn['calls'] | undefined }): Call | undefined {
  return calls.find(({ firstToken }) => firstToken !== undefined)
}

/** What a call that follows results of tools waits for before its request has left. */
export function betweenOf(call: Call): number | undefined {
  return call.prompted || call.sent === undefined ? undefined : call.sent
}

export function tokensPerSecond({ tokens, stream }: Call): number | undefined {
  return stream > 0 ? (tokens / stream) * 1e6 : undefined
}

/** Microseconds of the relay's own work for a token. */
export function relayPerToken({ tokens, relay }: Call): number | undefined {
  return tokens > 0 ? relay / tokens : undefined
}

/** The value that so many of them do not exceed; `undefined` of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
}

export interface Spread {
  readonly p50: number
  readonly p95: number
  /** Of how many. */
  readonly count: number
}

/** How the hops, and the whole, of several turns are spread. Wholes are compared where they begin and end alike. */
export function spreadOf(
  ways: readonly (readonly Hop[])[],
): Partial<Readonly<Record<HopName | 'whole', Spread>>> {
  const ofHop = (name: HopName) =>
    ways.flatMap((hops) => hops.flatMap((hop) => (hop.name === name ? [hop.us] : [])))
  const most = Math.max(0, ...ways.map(({ length }) => length))
  const wholes = ways.filter(({ length }) => length === most && most > 0).map(sumOf)
  const entries = [
    ...hopNames.map((name) => [name, spread(ofHop(name))] as const),
    ['whole', spread(wholes)] as const,
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

export function spread(values: readonly number[]): Spread | undefined {
  const p50 = percentile(values, 0.5)
  const p95 = percentile(values, 0.95)
  return p50 === undefined || p95 === undefined ? undefined : { p50, p95, count: values.length }
}
