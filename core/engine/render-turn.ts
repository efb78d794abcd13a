import { fenced } from '../lib/fenced.ts'
import type { ItemId } from '../protocol/ids.ts'
import type { InlinePlace, Item, PromptContext } from '../protocol/item.ts'
import type { ModelDescription } from '../protocol/model.ts'
import type { Turn } from '../protocol/turn.ts'
import { isSaid, type WaitingSteer } from '../state/steers.ts'
import type { ModelItem } from './model-stream.ts'
import { editToolName } from './tool-specs.ts'

type OutputItem = Extract<Item, { request: number }>

/** One entry of what a model is shown, and what it is to people: what does not fit goes by that. */
export interface Entry {
  readonly item: ModelItem
  /** `shown`: texts that went along with a prompt. `sealed`: what only the provider can read. */
  readonly kind: 'said' | 'shown' | 'answer' | 'call' | 'result' | 'sealed' | 'note'
  /** Of the message it is. */
  readonly itemId?: ItemId
  /** Which request of its turn it came from. */
  readonly request?: number
  /** It stands for all before it. */
  readonly compacts?: true
}

/** A turn in the form a model takes. */
export interface RenderedTurn {
  readonly entries: readonly Entry[]
  /** The first lines of what was asked. */
  readonly asked: readonly string[]
  /** Files it changed. */
  readonly files: readonly string[]
}

interface Rendered {
  readonly entries: readonly Entry[]
  readonly notes: readonly string[]
}

const known = new WeakMap<Turn, Map<string, RenderedTurn>>()

/** The same turn gives the same entries again, not equal ones: what is known of them (their size) need not be found anew. */
export function renderTurn(turn: Turn, model: ModelDescription): RenderedTurn {
  const byForm = known.get(turn) ?? new Map<string, RenderedTurn>()
  known.set(turn, byForm)
  const form = formOf(model)
  const rendered = byForm.get(form) ?? render(turn, model)
  byForm.set(form, rendered)
  return rendered
}

const forms = new WeakMap<ModelDescription, string>()

/** Of all that is known of a model, what the form of a turn depends on; put together once, not for each turn. */
function formOf(model: ModelDescription): string {
  const form = forms.get(model) ?? `${model.id} ${model.tools}`
  forms.set(model, form)
  return form
}

function render(turn: Turn, model: ModelDescription): RenderedTurn {
  const entries: Entry[] = []
  let group: OutputItem[] = []
  let notes: string[] = []
  const closeGroup = () => {
    if (group.length === 0) return
    const rendered = renderOutput(group, model)
    entries.push(...rendered.entries)
    notes.push(...rendered.notes)
    const isPlan = group[0]?.request === (turn.plan?.requests ?? 0) - 1
    group = []
    if (isPlan) entries.push(planEnd)
  }
  const placeNotes = () => {
    if (notes.length > 0) entries.push(messageEntry('note', 'user', notes.join('\n')))
    notes = []
  }
  for (const item of turn.items) {
    // Not its model wrote it; that is told with the next prompt.
    if (item.type === 'fileChange' && item.checkedBy !== undefined) continue
    if ('request' in item) {
      if (group[0] && group[0].request !== item.request) closeGroup()
      if (group.length === 0) placeNotes()
      group.push(item)
      continue
    }
    // It may stand in the middle of a response, whose calls and results belong together.
    if (item.type === 'userMessage' && !isSaid(item)) continue
    closeGroup()
    if (item.type === 'context') {
      // What became of the answer was said before this came, maybe in a request that has left.
      placeNotes()
      entries.push(messageEntry('shown', 'user', item.text))
    } else {
      entries.push(messageEntry('said', 'user', userText(item.text, item.context, notes), item))
      notes = []
    }
  }
  closeGroup()
  placeNotes()
  return { entries, ...gistOf(turn) }
}

/** Behind the plan, before who writes by it begins. */
const planEnd: Entry = {
  kind: 'note',
  item: {
    type: 'message',
    role: 'user',
    text: '[Another model wrote this plan. Now do what I asked for by it, in the files. Do not repeat it.]',
  },
}

function gistOf({ items }: Turn): Pick<RenderedTurn, 'asked' | 'files'> {
  const asked = items.flatMap((item) => (isSaid(item) ? [item.text.trim().split('\n', 1)[0] ?? ''] : []))
  const files = items.flatMap((item) =>
    item.type === 'fileChange' && item.status === 'completed'
      ? item.files.map(({ path, movedTo }) => movedTo ?? path)
      : [],
  )
  return { asked, files: [...new Set(files)] }
}

export function messageEntry(
  kind: Entry['kind'],
  role: 'user' | 'assistant',
  text: string,
  of?: { readonly id: ItemId; readonly request?: number },
): Entry {
  const from = of && { itemId: of.id, ...(of.request !== undefined && { request: of.request }) }
  return { kind, item: { type: 'message', role, text }, ...from }
}

/** A steer with what goes along with it, as the request after it will repeat it. */
export function steerInput(
  attachments: readonly string[],
  { text, context }: WaitingSteer,
): readonly ModelItem[] {
  const shown = attachments.map((attachment) => messageEntry('shown', 'user', attachment))
  return [...shown, messageEntry('said', 'user', userText(text, context, []))].map(({ item }) => item)
}

/** The person's words behind what they look at, and behind what became of an interrupted answer. */
function userText(text: string, context: PromptContext | undefined, notes: readonly string[]): string {
  const lines: string[] = []
  if (context?.activePath) lines.push(`active file: ${context.activePath}`)
  if (context?.cursor) lines.push(`cursor: line ${context.cursor.line}, column ${context.cursor.column}`)
  if (context?.selection) {
    lines.push(`selection: lines ${context.selection.startLine}-${context.selection.endLine}`)
    lines.push(`selected text:\n${context.selection.text}`)
  }
  if (context && context.openPaths.length > 0) lines.push(`open files: ${context.openPaths.join(', ')}`)
  const parts = [...notes]
  if (context?.inline) parts.push(inPlace(context.inline))
  if (context?.from !== undefined) {
    parts.push(`[They point at this, and want you to go on from there:]\n> ${context.from}`)
  }
  if (lines.length > 0) parts.push(`<context>\n${lines.join('\n')}\n</context>`)
  parts.push(text)
  return parts.join('\n\n')
}

/** Before the context: what follows that is the person's words and nothing else. */
function inPlace(places: readonly InlinePlace[]): string {
  const named = places.map(({ startLine, endLine, text }) => {
    if (text === '') return `at line ${startLine}`
    return startLine === endLine ? `line ${startLine}` : `lines ${startLine}-${endLine}`
  })
  const lines = [
    `The person asks in the editor for an edit in place, in the active file: ${named.join('; ')}.`,
    'Make that edit at once, in one go. Change only these lines (at a line: write there); change nothing else in this file and no other file.',
    'Write no words before or after the edit. Only if no edit can answer, answer in one short sentence instead.',
  ]
  // A single selection is in the context.
  if (places.length > 1) {
    for (const [index, { text }] of places.entries()) {
      if (text !== '') lines.push(`${named[index]} now:\n${fenced(text)}`)
    }
  }
  return `<edit-in-place>\n${lines.join('\n')}\n</edit-in-place>`
}

/** One response of the model: its items in their order, then the results of its calls; what was cut off becomes a note. */
function renderOutput(group: readonly OutputItem[], model: ModelDescription): Rendered {
  const items: Entry[] = []
  const results: Entry[] = []
  const notes: string[] = []
  const whole = group.every((item) => !('status' in item) || item.status !== 'interrupted')
  const isAnswered = group.some((item) => item.type !== 'opaque')
  for (const item of group) {
    switch (item.type) {
      case 'agentMessage':
        if (item.text) items.push(messageEntry('answer', 'assistant', item.text, item))
        if (item.status === 'interrupted') notes.push('[The person stopped you there.]')
        break
      case 'reasoning':
        break
      case 'opaque':
        // Half a response must not bring its reasoning back: the API refuses reasoning without what followed it.
        if (whole && isAnswered && item.modelId === model.id) {
          const { request, data } = item
          const compacts = item.compacts ? ({ compacts: true } as const) : {}
          items.push({ kind: 'sealed', request, ...compacts, item: { type: 'opaque', data } })
        }
        break
      case 'toolCall': {
        if (item.status === 'interrupted') {
          notes.push(`[Your call of ${item.name} was stopped before it gave a result.]`)
          break
        }
        const { callId, name, output } = item
        if (model.tools === 'none') notes.push(`[Result of ${name}(${item.input}):\n${output}]`)
        else {
          const { request } = item
          const call = { type: 'toolCall', callId, name, input: item.input, format: 'json' } as const
          items.push({ kind: 'call', request, item: call })
          results.push({
            kind: 'result',
            request,
            item: { type: 'toolResult', callId, name, output, format: 'json' },
          })
        }
        break
      }
      case 'fileChange':
        if (item.cutBy === 'length')
          notes.push(
            `[Your answer reached its length limit in the middle of this edit. ${item.output} Write what is missing in another edit.]`,
          )
        else if (item.status === 'interrupted')
          notes.push(`[Your edit was stopped by the person. ${item.output}]`)
        else renderEdit(item, model, { items, results, notes })
        break
    }
  }
  return { entries: [...items, ...results], notes }
}

function renderEdit(
  item: Extract<Item, { type: 'fileChange' }>,
  model: ModelDescription,
  { items, results, notes }: { items: Entry[]; results: Entry[]; notes: string[] },
): void {
  const isText = item.format === 'blocks'
  if (isText || model.tools === 'none') {
    // In the other form it would be an example of what does not work for this model: that it was made must do.
    const isOwnForm = isText && model.tools === 'none'
    if (isOwnForm) items.push(messageEntry('call', 'assistant', item.input, item))
    if (item.status === 'failed') notes.push(`[Your edit did not fit. ${item.output}]`)
    else if (!isOwnForm) notes.push(`[Your edit was made. ${item.output}]`)
    return
  }
  const { callId, output, request } = item
  const wanted = model.tools === 'custom' ? 'freeform' : 'json'
  const input = item.format === wanted ? item.input : convert(item.input, wanted)
  const name = editToolName
  items.push({ kind: 'call', request, item: { type: 'toolCall', callId, name, input, format: wanted } })
  results.push({
    kind: 'result',
    request,
    item: { type: 'toolResult', callId, name, output, format: wanted },
  })
}

/** Between `{"input": patch}` and the patch itself, when a thread goes on with another kind of model. */
function convert(input: string, to: 'json' | 'freeform'): string {
  if (to === 'json') return JSON.stringify({ input })
  try {
    const parsed: unknown = JSON.parse(input)
    if (typeof parsed === 'object' && parsed && 'input' in parsed && typeof parsed.input === 'string')
      return parsed.input
  } catch {
    // What the model wrote was no JSON; it goes back as it is.
  }
  return input
}
