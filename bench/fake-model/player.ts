import type { Dialect, FakeUsage } from './dialect.ts'
import { pace } from './pacer.ts'
import type { Fault, Step } from './script.ts'
import { prose, tokenise } from './tokens.ts'
import type { Wire } from './wire.ts'

export interface Playing {
  readonly steps: readonly Step[]
  readonly wire: Wire
  readonly dialect: Dialect
  readonly tokensPerSecond: number
  readonly charsPerToken: number
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
  /** Aborted when other words are to be answered: ends at the next boundary. */
  readonly steered?: AbortSignal | undefined
  readonly inputTokens: number
  /** The argument that takes a tool's raw text; undefined where the request declares it as a tool of raw text. */
  readonly argumentOf: (tool: string) => string | undefined
  readonly callId: () => string
}

/** Plays a script. Resolves to what became of it; `silent` leaves the connection open without an end. */
export async function play(playing: Playing): Promise<'completed' | 'faulty' | 'silent'> {
  const { steps, wire, dialect, signal, steered } = playing
  let usage: FakeUsage | undefined
  let output = 0
  let begun = false
  let called = false
  function begin(): void {
    if (!begun) dialect.begin()
    begun = true
    wire.flush()
  }

  for (const step of steps) {
    if (signal.aborted) return 'faulty'
    if (steered?.aborted && begun) break
    switch (step.type) {
      case 'begin':
        begin()
        break
      case 'pause':
        await new Promise((resolve) => setTimeout(resolve, step.ms))
        break
      case 'hold':
        await Promise.race([step.until, steered && aborted(steered)].filter(Boolean))
        break
      case 'usage':
        usage = step
        break
      case 'text':
        begin()
        dialect.openText()
        output += await stream(playing, step, (text) => dialect.textDelta(text))
        if (!step.unfinished) dialect.closeText()
        break
      case 'reasoning':
        begin()
        dialect.openReasoning()
        output += await stream(playing, step, (text) => dialect.reasoningDelta(text))
        if (!step.unfinished) dialect.closeReasoning(step.encrypted)
        break
      case 'compaction':
        begin()
        dialect.compaction(step.encrypted)
        break
      case 'functionCall':
      case 'customCall': {
        begin()
        called = true
        const callId = step.callId ?? playing.callId()
        const argument = step.type === 'customCall' ? playing.argumentOf(step.name) : undefined
        const format = step.type === 'customCall' && argument === undefined ? 'custom' : 'function'
        const text = argument === undefined ? step.text : JSON.stringify({ [argument]: step.text ?? '' })
        dialect.openCall({ callId, name: step.name, format })
        output += await stream(playing, { ...step, text: text ?? '' }, (piece) => dialect.callDelta(piece))
        if (!step.unfinished) dialect.closeCall()
        break
      }
      case 'fault': {
        const end = await inflict(playing, step.fault)
        wire.flush()
        if (end) return end
        break
      }
    }
    wire.flush()
  }
  if (signal.aborted) return 'faulty'
  begin()
  const isInterrupted = steered?.reason === 'interrupted'
  if (isInterrupted || (steered?.aborted && !called)) {
    dialect.fault({ type: 'incomplete', reason: isInterrupted ? 'interrupted' : 'steered' })
    wire.flush()
    return 'completed'
  }
  dialect.complete(usage ?? { input: playing.inputTokens, cached: 0, output })
  wire.finish()
  wire.flush()
  return 'completed'
}

/** Streams what a step says, token by token; returns how many tokens that were. */
async function stream(
  playing: Playing,
  step: Extract<Step, { tokensPerSecond?: number }>,
  send: (text: string) => void,
): Promise<number> {
  const { charsPerToken, steered, wire } = playing
  const isText = step.type === 'text' || step.type === 'reasoning'
  const signal = steered && isText ? AbortSignal.any([playing.signal, steered]) : playing.signal
  const { stamp, holdAfter, ...rest } = step
  if (holdAfter && step.text?.includes(holdAfter.text)) {
    const at = step.text.indexOf(holdAfter.text) + holdAfter.text.length
    const first = await stream(playing, { ...rest, text: step.text.slice(0, at) }, send)
    await Promise.race([holdAfter.until, aborted(signal)])
    return first + (await stream(playing, { ...rest, text: step.text.slice(at) }, send))
  }
  const tokens = tokenise(step.text ?? prose(step.tokens ?? 0, charsPerToken), charsPerToken)
  await pace({
    count: tokens.length,
    tokensPerSecond: step.tokensPerSecond ?? playing.tokensPerSecond,
    signal,
    send: (index) => {
      step.onToken?.(index)
      send(stamp === undefined ? (tokens[index] ?? '') : `${timeOf(stamp)} `)
    },
    flush: () => wire.flush(),
  })
  return tokens.length
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function timeOf(stamp: 'monotonic' | 'wall'): string {
  const ms =
    stamp === 'monotonic' ? Number(process.hrtime.bigint()) / 1e6 : performance.timeOrigin + performance.now()
  return ms.toFixed(3)
}

async function inflict(playing: Playing, fault: Fault): Promise<'faulty' | 'silent' | undefined> {
  const { wire, dialect } = playing
  switch (fault.type) {
    case 'status':
      wire.status(
        fault.status,
        fault.body ?? { error: { message: `status ${fault.status}` } },
        fault.headers ?? {},
      )
      return 'faulty'
    case 'error':
    case 'failed':
    case 'incomplete':
      dialect.fault(fault)
      wire.finish()
      return 'faulty'
    case 'cut':
      wire.reset()
      return 'faulty'
    case 'end':
      wire.end()
      return 'faulty'
    case 'stall':
      return 'silent'
    case 'malformed':
      wire.send('{"type":"response.output_text.delta","delta":"oops}')
      return undefined
    case 'truncated':
      wire.truncate('{"type":"response.output_text.delta","delta":"cut in the middle of the frame"}')
      return 'faulty'
    case 'split':
      wire.split()
      return undefined
    case 'duplicate':
      wire.duplicate()
      return undefined
    case 'raw':
      wire.send(fault.data)
      return undefined
  }
}
