/** One thing the fake model does while it answers. Steps run in order; what follows the last one is the normal end. */
export type Step =
  | ({ readonly type: 'text' } & Streamed)
  | ({ readonly type: 'reasoning'; readonly encrypted?: string } & Streamed)
  /** The sealed summary that `compaction_trigger` asks for. */
  | { readonly type: 'compaction'; readonly encrypted: string }
  /** A function tool; `input` is the JSON text of its arguments. */
  | ({ readonly type: 'functionCall'; readonly name: string; readonly callId?: string } & Streamed)
  /** A tool with raw text; where the request declares it as a function, it is streamed as that function's argument. */
  | ({ readonly type: 'customCall'; readonly name: string; readonly callId?: string } & Streamed)
  | { readonly type: 'pause'; readonly ms: number }
  /** Waits for the test. */
  | { readonly type: 'hold'; readonly until: Promise<unknown> }
  /** Sends the answer's head (status line, `response.created`) without any output yet. */
  | { readonly type: 'begin' }
  | { readonly type: 'usage'; readonly input: number; readonly cached: number; readonly output: number }
  | { readonly type: 'fault'; readonly fault: Fault }

interface Streamed {
  /** What is streamed; or `tokens` of generated prose. */
  readonly text?: string
  readonly tokens?: number
  readonly tokensPerSecond?: number
  /** Where the text has come to this it waits for the test. */
  readonly holdAfter?: { readonly text: string; readonly until: Promise<unknown> }
  /** The item is left open: a fault follows in its middle. */
  readonly unfinished?: boolean
  /** Each token is the time it was sent, in milliseconds with three decimals: of the machine's monotonic clock, or since 1970. */
  readonly stamp?: 'monotonic' | 'wall'
  /** Told as each token is sent. */
  readonly onToken?: (index: number) => void
}

export type Fault =
  /** An HTTP answer instead of a stream; on a WebSocket an `error` event with that status. */
  | {
      readonly type: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  /** An error inside the stream: an `error` event, or an error chunk of chat completions. */
  | {
      readonly type: 'error'
      readonly code: string
      readonly message: string
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
    }
  /** `response.failed`; an error chunk in chat completions. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
  /** `response.incomplete`; the matching finish_reason in chat completions. */
  | {
      readonly type: 'incomplete'
      readonly reason: 'max_output_tokens' | 'content_filter' | 'steered' | 'interrupted'
    }
  /** The connection is reset. */
  | { readonly type: 'cut' }
  /** The connection ends in order, without a terminal event. */
  | { readonly type: 'end' }
  /** Nothing more is sent and the connection stays open. */
  | { readonly type: 'stall' }
  /** A frame that is no JSON. */
  | { readonly type: 'malformed' }
  /** Half of a frame, then the end of the connection. */
  | { readonly type: 'truncated' }
  /** From here on every frame is sent in pieces, split inside characters. */
  | { readonly type: 'split' }
  /** The next frame is sent twice. */
  | { readonly type: 'duplicate' }
  /** Sent as it stands, for events nobody knows. */
  | { readonly type: 'raw'; readonly data: string }

export interface FakeRequest {
  readonly api: 'responses' | 'chat'
  readonly transport: 'websocket' | 'sse'
  readonly body: Readonly<Record<string, unknown>>
  /** The whole input, also when the request carried only its new tail. */
  readonly history: readonly Readonly<Record<string, unknown>>[]
  /** The last thing the person said. */
  readonly userText: string
  /** How many rounds of tool results followed it. */
  readonly round: number
}

/** Steps for a user text; with a list of lists, one list per round of tool results, the last one repeated. */
export interface Rule {
  readonly match: string | RegExp
  readonly steps: readonly Step[] | readonly (readonly Step[])[]
}

export type Script = readonly Rule[] | ((request: FakeRequest) => readonly Step[])

export function stepsFor(script: Script, request: FakeRequest): readonly Step[] {
  if (typeof script === 'function') return script(request)
  const rule = script.find(({ match }) =>
    typeof match === 'string' ? request.userText.includes(match) : match.test(request.userText),
  )
  return rule ? roundOf(rule.steps, request.round) : promptScript(request)
}

function roundOf(steps: Rule['steps'], round: number): readonly Step[] {
  const lists: (readonly Step[])[] = []
  const flat: Step[] = []
  for (const entry of steps) {
    if ('type' in entry) flat.push(entry)
    else lists.push(entry)
  }
  return lists.length === 0 ? flat : (lists[Math.min(round, lists.length - 1)] ?? [])
}

/**
 * What the model does when no rule fits: it obeys `fake: prose N [at T]`, `fake: call NAME JSON` and
 * `fake: patch` followed by a patch; anything else gets a sentence back.
 */
export function promptScript({ userText, round }: FakeRequest): readonly Step[] {
  if (round > 0) return [{ type: 'text', text: 'Done.' }]
  const prose = /fake: prose (\d+)(?: at (\d+))?/.exec(userText)
  if (prose) {
    const speed = prose[2] === undefined ? {} : { tokensPerSecond: Number(prose[2]) }
    return [{ type: 'text', tokens: Number(prose[1]), ...speed }]
  }
  const call = /fake: call (\S+) ([\s\S]+)/.exec(userText)
  if (call) return [{ type: 'functionCall', name: call[1] ?? '', text: call[2] ?? '' }]
  const patch = /fake: patch\n([\s\S]+)/.exec(userText)
  if (patch) return [{ type: 'customCall', name: 'apply_patch', text: patch[1] ?? '' }]
  return [{ type: 'text', text: `You said: ${userText.slice(0, 200)}` }]
}
