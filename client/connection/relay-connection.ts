import type { z } from 'zod'
import { assertNever } from '../../core/lib/assert-never.ts'
import type { Clock } from '../../core/lib/clock.ts'
import type { Random } from '../../core/lib/random.ts'
import type { EventFrame, ResponseFrame } from '../../core/protocol/envelope.ts'
import { closeCodes, RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type Method, methods, type Params, type ResultOf } from '../../core/protocol/methods.ts'
import { protocolVersion } from '../../core/protocol/version.ts'
import type { Arrival, Connection, ConnectionStatus } from './connection.ts'
import { createListeners } from './listeners.ts'
import { type ReconnectInput, type ReconnectState, reconnectStart, stepReconnect } from './reconnect.ts'
import { parseServerFrames } from './server-frame.ts'
import type { Dial, Timers, Transport } from './transport.ts'

export interface ConnectionOptions {
  readonly dial: Dial
  readonly clock: Pick<Clock, 'monotonic'>
  readonly timers: Timers
  readonly random: Random
  /** Subscribes to moments at which it is worth trying at once; returns the disposer. */
  readonly onWake: (listener: () => void) => () => void
}

type Session = ResultOf<'session/open'>
interface Pending {
  readonly settle: (result: unknown) => void
  readonly reject: (error: RequestError) => void
}

const everyPing = { afterMs: limits.pingEveryMs, patienceMs: limits.pingEveryMs }

/** Dials, opens the session, keeps the socket alive and comes back after a loss. */
export function createConnection({ dial, clock, timers, random, onWake }: ConnectionOptions): Connection {
  const events = createListeners<[EventFrame, Arrival]>()
  const binaries = createListeners<[Uint8Array]>()
  const lags = createListeners<[readonly string[]]>()
  const statuses = createListeners<[ConnectionStatus, Session | undefined]>()
  const pending = new Map<number, Pending>()
  let reconnect: ReconnectState = reconnectStart
  let status: ConnectionStatus = 'connecting'
  let session: Session | undefined
  let socket: Transport | undefined
  /** Does without the socket from now on. */
  let abandon = () => {}
  let nextId = 1
  let cancelWait = () => {}
  let cancelPing = () => {}

  function advance(input: ReconnectInput): void {
    const step = stepReconnect(reconnect, input, random)
    reconnect = step.state
    cancelWait()
    if (step.effect?.type === 'dial') open()
    if (step.effect?.type === 'wait')
      cancelWait = timers.after(step.effect.ms, () => advance({ type: 'waited' }))
    const next = toStatus(reconnect)
    if (next === status && input.type !== 'opened') return
    status = next
    statuses.tell(status, session)
  }

  function open(): void {
    let lost = false
    function lose(code: number): void {
      if (lost) return
      lost = true
      cancelHandshake()
      drop(code)
    }
    // Until the handshake is answered nothing else would notice a silent network.
    const cancelHandshake = timers.after(limits.handshakeMs, () => mine.close())
    const mine: Transport = dial({
      onOpen: () => {
        send('session/open', { protocol: protocolVersion }, mine)
          .then((answer) => {
            if (lost) return
            cancelHandshake()
            session = answer
            advance({ type: 'opened' })
            keepAlive(mine, everyPing)
          })
          .catch((error: RequestError) => {
            // The server closes after a refusal; an old page must know before, for it is not to come back.
            if (!lost && error.code === 'protocolMismatch')
              advance({ type: 'lost', code: closeCodes.protocolMismatch })
            mine.close()
          })
      },
      onFrame: (frame) => {
        if (!lost) receive(frame)
      },
      onClose: lose,
    })
    socket = mine
    abandon = () => {
      mine.close()
      // A dead network does not answer that either; a browser would wait for it.
      lose(1006)
    }
  }

  function drop(code: number): void {
    socket = undefined
    cancelPing()
    rejectPending('the connection was lost before the answer came')
    advance({ type: 'lost', code })
  }

  function rejectPending(why: string): void {
    const waiting = [...pending.values()]
    pending.clear()
    for (const { reject } of waiting) reject(new RequestError('busy', why))
  }

  /** A socket can be dead without knowing: one that does not answer a ping in time is closed here. */
  function keepAlive(
    mine: Transport,
    { afterMs, patienceMs }: { afterMs: number; patienceMs: number },
  ): void {
    cancelPing()
    cancelPing = timers.after(afterMs, () => {
      const giveUp = timers.after(patienceMs, abandon)
      cancelPing = giveUp
      send('session/ping', {}, mine).then(
        () => {
          giveUp()
          if (socket === mine) keepAlive(mine, everyPing)
        },
        () => giveUp(),
      )
    })
  }

  function receive(frame: string | Uint8Array): void {
    if (typeof frame !== 'string') {
      binaries.tell(frame)
      return
    }
    const receivedAt = clock.monotonic()
    const frames = parseServerFrames(frame)
    const arrival = { receivedAt, parsedAt: clock.monotonic() }
    for (const parsed of frames) {
      if ('lagging' in parsed) lags.tell(parsed.lagging)
      else if ('event' in parsed) events.tell(parsed, arrival)
      else answer(parsed)
    }
  }

  function answer(frame: ResponseFrame): void {
    const request = pending.get(frame.id)
    pending.delete(frame.id)
    if ('error' in frame) request?.reject(new RequestError(frame.error.code, frame.error.message))
    else request?.settle(frame.result)
  }

  function send<M extends Method>(method: M, params: Params<M>, over: Transport): Promise<ResultOf<M>> {
    const id = nextId++
    return new Promise((resolve, reject) => {
      const settle = (result: unknown) => {
        const checked = methods[method].result.safeParse(result)
        // The table pairs method and schema; TypeScript cannot follow the pair through a type parameter.
        if (checked.success) resolve(checked.data as ResultOf<M>)
        else
          reject(
            new RequestError(
              'internal',
              `${method} answered in an unknown form: ${whatIsWrong(checked.error)}`,
            ),
          )
      }
      pending.set(id, { settle, reject })
      over.send(JSON.stringify({ id, method, params }))
    })
  }

  const stopWaking = onWake(() => {
    advance({ type: 'woken' })
    if (reconnect.phase === 'open' && socket) keepAlive(socket, { afterMs: 0, patienceMs: limits.connectMs })
  })
  open()

  return {
    request(method, params) {
      if (reconnect.phase === 'open' && socket) return send(method, params, socket)
      return Promise.reject(new RequestError('busy', 'there is no connection to the server'))
    },
    sendBinary: (bytes) => {
      if (reconnect.phase === 'open') socket?.send(bytes)
    },
    onBinary: binaries.add,
    onEvent: events.add,
    onLagging: lags.add,
    onStatus(listener) {
      listener(status, session)
      return statuses.add(listener)
    },
    bufferedBytes: () => socket?.bufferedBytes() ?? 0,
    close() {
      stopWaking()
      advance({ type: 'closed' })
      cancelPing()
      rejectPending('the connection was closed')
      socket?.close()
    },
  }
}

function whatIsWrong({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}

function toStatus(state: ReconnectState): ConnectionStatus {
  switch (state.phase) {
    case 'open':
      return 'open'
    case 'stopped':
      return state.reason
    case 'dialing':
    case 'waiting':
      return state.everOpen ? 'reconnecting' : 'connecting'
    default:
      return assertNever(state, 'reconnect phase')
  }
}
