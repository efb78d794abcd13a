import { z } from 'zod'
import type { Translate } from '../../client/i18n/messages.ts'
import type { Item } from '../../core/protocol/item.ts'

const inputSchema = z.object({
  path: z.string().optional(),
  query: z.string().optional(),
  start_line: z.number().optional(),
  end_line: z.number().optional(),
  question: z.string().optional(),
  task: z.string().optional(),
  text: z.string().optional(),
  candidate: z.number().optional(),
  steps: z.array(z.object({ done: z.boolean() })).optional(),
})

export interface ToolDescription {
  readonly kind: 'read' | 'list' | 'search' | 'plan' | 'ask' | 'delegate' | 'agent' | 'other'
  /** `Read src/a.ts` */
  readonly text: string
  /** `12 matches`; missing when there is nothing to count. */
  readonly count: string | undefined
}

/** A tool call in a few words; arguments that are still streaming are left out. */
export function describeTool(item: Extract<Item, { type: 'toolCall' }>, t: Translate): ToolDescription {
  const input = parseInput(item.input)
  const { path, query, start_line: startLine, end_line: endLine } = input
  const lines = item.output === '' ? 0 : item.output.trimEnd().split('\n').length
  switch (item.name) {
    case 'read_file': {
      const range =
        startLine === undefined ? '' : `:${startLine}${endLine === undefined ? '' : `–${endLine}`}`
      return { kind: 'read', text: t('tool.read', { what: `${path ?? ''}${range}` }), count: undefined }
    }
    case 'list_files':
      return {
        kind: 'list',
        text: t('tool.list', { what: path && path !== '.' ? path : t('tool.root') }),
        count: t('tool.entries', { count: lines }),
      }
    case 'search':
      return {
        kind: 'search',
        text: t('tool.search', { what: query ?? '' }),
        count: t('tool.matches', { count: countMatches(item.output) }),
      }
    case 'update_plan': {
      const { steps = [] } = input
      const counts = { done: steps.filter(({ done }) => done).length, count: steps.length }
      return { kind: 'plan', text: t('jobs.toolPlan', counts), count: undefined }
    }
    case 'ask_person':
      return { kind: 'ask', text: t('jobs.toolAsk', { what: input.question ?? '' }), count: undefined }
    case 'delegate':
      return { kind: 'delegate', text: t('jobs.toolDelegate', { what: input.task ?? '' }), count: undefined }
    case 'spawn':
      return { kind: 'agent', text: t('agents.toolSpawn', { what: input.task ?? '' }), count: undefined }
    case 'wait':
      return { kind: 'agent', text: t('agents.toolWait'), count: undefined }
    case 'message':
      return { kind: 'agent', text: t('agents.toolMessage', { what: input.text ?? '' }), count: undefined }
    case 'recommend': {
      const text = t('candidates.toolRecommend', { n: input.candidate ?? '' })
      return { kind: 'agent', text, count: undefined }
    }
    case 'stop':
      return { kind: 'agent', text: t('agents.toolStop'), count: undefined }
    default:
      return {
        kind: 'other',
        text: t('tool.other', { name: item.name, what: query ?? path ?? '' }).trimEnd(),
        count: undefined,
      }
  }
}

/** Result lines look like `path:12:text`. */
function countMatches(output: string): number {
  return output.split('\n').filter((line) => /^[^\s:][^:]*:\d+:/.test(line)).length
}

function parseInput(input: string): z.infer<typeof inputSchema> {
  try {
    return inputSchema.safeParse(JSON.parse(input)).data ?? {}
  } catch {
    return {}
  }
}
