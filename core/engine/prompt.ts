import { fenced } from '../lib/fenced.ts'
import type { InlinePlace, Item, PromptContext } from '../protocol/item.ts'
import type { ModelDescription } from '../protocol/model.ts'
import type { ThreadState } from '../protocol/thread.ts'
import { isGuestTurn, sharedPaths } from '../state/guest-view.ts'
import { isSaid } from '../state/steers.ts'
import { instructions } from './instructions.ts'
import type { ModelItem, ModelRequest } from './model-stream.ts'
import { editToolName, toolSpecs } from './tool-specs.ts'

type OutputItem = Extract<Item, { request: number }>

/** The next request of a thread: everything the model was shown and wrote, in the form this model takes. */
export function buildRequest(options: {
  readonly thread: ThreadState
  readonly model: ModelDescription
  readonly guidance: string | undefined
}): ModelRequest {
  const { thread, model, guidance } = options
  const input: ModelItem[] = []
  for (const turn of thread.turns) {
    let group: OutputItem[] = []
    let notes: string[] = []
    const closeGroup = () => {
      if (group.length === 0) return
      const rendered = renderOutput(group, model)
      input.push(...rendered.items)
      notes.push(...rendered.notes)
      group = []
    }
    const placeNotes = () => {
      if (notes.length > 0) input.push({ type: 'message', role: 'user', text: notes.join('\n') })
      notes = []
    }
    for (const item of turn.items) {
      if ('request' in item) {
        if (group[0] && group[0].request !== item.request) closeGroup()
        if (group.length === 0) placeNotes()
        group.push(item)
        continue
      }
      // It may stand in the middle of a response, whose calls and results belong together.
      if (item.type === 'userMessage' && !isSaid(item)) continue
      closeGroup()
      if (item.type === 'context') input.push({ type: 'message', role: 'user', text: item.text })
      else {
        input.push({ type: 'message', role: 'user', text: userText(item.text, item.context, notes) })
        notes = []
      }
    }
    closeGroup()
    placeNotes()
  }
  const last = input.at(-1)
  // Only a turn that is resumed ends so; a request made ahead of the next prompt must stay its beginning.
  const present = thread.turns.at(-1)
  const isRunning = present?.status === 'running'
  if (isRunning && last?.type === 'message' && last.role === 'assistant') {
    input.push({ type: 'message', role: 'user', text: 'Go on from where you stopped.' })
  }
  return {
    model: model.id.slice(model.providerId.length + 1),
    instructions: instructions({ mode: thread.mode, model, guidance }),
    tools: toolSpecs(model, thread.mode),
    input,
    maxOutputTokens: model.maxOutputTokens,
    ...(present && isGuestTurn(present) && { onlyPaths: [...sharedPaths(thread)] }),
    cacheKey: thread.id,
  }
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
function renderOutput(group: readonly OutputItem[], model: ModelDescription) {
  const items: ModelItem[] = []
  const results: ModelItem[] = []
  const notes: string[] = []
  const whole = group.every((item) => !('status' in item) || item.status !== 'interrupted')
  const isAnswered = group.some((item) => item.type !== 'opaque')
  for (const item of group) {
    switch (item.type) {
      case 'agentMessage':
        if (item.text) items.push({ type: 'message', role: 'assistant', text: item.text })
        if (item.status === 'interrupted') notes.push('[The person stopped you there.]')
        break
      case 'reasoning':
        break
      case 'opaque':
        // Half a response must not bring its reasoning back: the API refuses reasoning without what followed it.
        if (whole && isAnswered && item.modelId === model.id) items.push({ type: 'opaque', data: item.data })
        break
      case 'toolCall': {
        if (item.status === 'interrupted') {
          notes.push(`[Your call of ${item.name} was stopped before it gave a result.]`)
          break
        }
        const { callId, name, output } = item
        if (model.tools === 'none') notes.push(`[Result of ${name}(${item.input}):\n${output}]`)
        else {
          items.push({ type: 'toolCall', callId, name, input: item.input, format: 'json' })
          results.push({ type: 'toolResult', callId, name, output, format: 'json' })
        }
        break
      }
      case 'fileChange':
        if (item.status === 'interrupted') notes.push(`[Your edit was stopped by the person. ${item.output}]`)
        else renderEdit(item, model, items, results, notes)
        break
    }
  }
  return { items: [...items, ...results], notes }
}

function renderEdit(
  item: Extract<Item, { type: 'fileChange' }>,
  model: ModelDescription,
  items: ModelItem[],
  results: ModelItem[],
  notes: string[],
): void {
  const isText = item.format === 'blocks'
  if (isText || model.tools === 'none') {
    // In the other form it would be an example of what does not work for this model: that it was made must do.
    const isOwnForm = isText && model.tools === 'none'
    if (isOwnForm) items.push({ type: 'message', role: 'assistant', text: item.input })
    if (item.status === 'failed') notes.push(`[Your edit did not fit. ${item.output}]`)
    else if (!isOwnForm) notes.push(`[Your edit was made. ${item.output}]`)
    return
  }
  const { callId, output } = item
  const wanted = model.tools === 'custom' ? 'freeform' : 'json'
  const input = item.format === wanted ? item.input : convert(item.input, wanted)
  items.push({ type: 'toolCall', callId, name: editToolName, input, format: wanted })
  results.push({ type: 'toolResult', callId, name: editToolName, output, format: wanted })
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
