import { isJson, type Json, objects } from './json.ts'
import type { FakeRequest } from './script.ts'

/** What a script is told about a request. */
export function readRequest(options: Omit<FakeRequest, 'userText' | 'round'>): FakeRequest {
  const { history } = options
  let last = -1
  history.forEach((item, index) => {
    if (item.role === 'user') last = index
  })
  let round = 0
  let inResults = false
  for (const item of history.slice(last + 1)) {
    const result = item.role === 'tool' || (typeof item.type === 'string' && item.type.endsWith('_output'))
    if (result && !inResults) round += 1
    inResults = result
  }
  return { ...options, userText: textOf(history[last]?.content), round }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return objects(content)
    .map((part) => (typeof part.text === 'string' ? part.text : ''))
    .join('')
}

/** See `Playing.argumentOf`: the first property the tool's schema declares, in either API's form. */
export function argumentOf(body: Json, tool: string): string | undefined {
  for (const entry of objects(body.tools)) {
    const spec = isJson(entry.function) ? entry.function : entry
    if (spec.name !== tool) continue
    if (entry.type === 'custom') return undefined
    const properties = isJson(spec.parameters) ? spec.parameters.properties : undefined
    return isJson(properties) ? (Object.keys(properties)[0] ?? 'input') : 'input'
  }
  return 'input'
}
