import { z } from 'zod'
import { hostSchema, matchesHost } from '../protocol/host.ts'
import { shellParts, type Words } from './shell-parts.ts'

export const ruleActionSchema = z.enum(['allow', 'ask', 'deny'])
export type RuleAction = z.infer<typeof ruleActionSchema>

/** What a rule is about: everything it names must hold. */
export const approvalRuleSchema = z
  .strictObject({
    action: ruleActionSchema,
    command: z.string().min(1).exactOptional().describe('The words a command begins with, such as npm test.'),
    tool: z.string().min(1).exactOptional().describe('Name of a tool of the model.'),
    host: hostSchema
      .exactOptional()
      .describe(
        'A host commands reach by https, or *.example.com for those below it; example.com:8443 for another port.',
      ),
    path: z.string().min(1).exactOptional().describe('A file or folder of the workspace, with all in it.'),
  })
  .refine(
    ({ command, tool, host, path }) => [command, tool, host, path].some((given) => given !== undefined),
    'expected at least one of command, tool, host and path',
  )
export type ApprovalRule = z.infer<typeof approvalRuleSchema>

/** Something the model wants to do. */
export interface Wish {
  readonly tool: string
  /** A line for the shell. */
  readonly command?: string
  readonly hosts?: readonly string[]
  /** Workspace-relative. */
  readonly paths?: readonly string[]
}

export interface Verdict {
  readonly action: RuleAction
  /** A rule wants it asked each time. */
  readonly byRule?: true
  /** Why what the line does cannot be told by reading. */
  readonly unclear?: string
}

/**
 * What the rules say about a wish. Deny wins, then ask, then allow; nothing said is ask. An allowance holds for a line
 * only when each of its commands, each host and each path is allowed; a refusal or a question holds when any is. The
 * sandbox is the boundary: rules spare people questions, they keep nobody in.
 */
export function judge(wish: Wish, rules: readonly ApprovalRule[]): Verdict {
  const line = wish.command === undefined ? undefined : shellParts(wish.command)
  const about = aspects(wish, line?.parts)
  const said = (action: RuleAction, each: boolean) =>
    rules.filter((rule) => rule.action === action && matchesSome(rule, about, each))
  if (said('deny', false).length > 0) return { action: 'deny' }
  const asked: Verdict = { action: 'ask', ...(line?.unclear !== undefined && { unclear: line.unclear }) }
  if (said('ask', false).length > 0) return { ...asked, byRule: true }
  const allowances = rules.filter(({ action }) => action === 'allow')
  const isAllowedBy = (rules: readonly ApprovalRule[]) =>
    about.length > 0 && about.every((aspect) => rules.some((rule) => matches(rule, aspect, true)))
  if (!isAllowedBy(allowances)) return asked
  if (line?.unclear === undefined) return { action: 'allow' }
  // Who allows a tool whatever it is asked need not know what that is.
  return isAllowedBy(allowances.filter(({ command }) => command === undefined)) ? { action: 'allow' } : asked
}

/** One command, host or path of a wish; together they are all of it. */
interface Aspect {
  readonly tool: string
  readonly words?: Words
  readonly host?: string
  readonly path?: string
}

function aspects(
  { tool, hosts = [], paths = [] }: Wish,
  parts: readonly Words[] | undefined,
): readonly Aspect[] {
  const all = [
    ...(parts ?? []).map((words) => ({ tool, words })),
    ...hosts.map((host) => ({ tool, host })),
    ...paths.map((path) => ({ tool, path })),
  ]
  // A line without a command is nothing that could be allowed.
  return all.length > 0 || parts !== undefined ? all : [{ tool }]
}

function matchesSome(rule: ApprovalRule, about: readonly Aspect[], exactly: boolean): boolean {
  return about.some((aspect) => matches(rule, aspect, exactly))
}

/** `exactly`: the command begins with the rule's words; else it has them anywhere, as behind `env` or `xargs`. */
function matches(rule: ApprovalRule, aspect: Aspect, exactly: boolean): boolean {
  if (rule.tool !== undefined && rule.tool !== aspect.tool) return false
  if (rule.command !== undefined && !matchesWords(rule.command, aspect.words, exactly)) return false
  // Who allows a tool has not allowed hosts by that.
  if (exactly && aspect.host !== undefined && rule.host === undefined) return false
  if (rule.host !== undefined && !(aspect.host !== undefined && matchesHost(rule.host, aspect.host)))
    return false
  return rule.path === undefined || matchesPath(rule.path, aspect.path)
}

function matchesWords(command: string, words: Words | undefined, exactly: boolean): boolean {
  if (words === undefined) return false
  const wanted = command.trim().split(/\s+/)
  const beginsAt = (start: number) => wanted.every((word, n) => sameWord(words[start + n], word, exactly, n))
  return exactly ? beginsAt(0) : words.some((_, start) => beginsAt(start))
}

/** A refusal of `rm` is one of `/bin/rm` too; an allowance is of what it names. */
function sameWord(word: string | undefined, wanted: string, exactly: boolean, n: number): boolean {
  if (word === wanted) return true
  return !exactly && n === 0 && word?.endsWith(`/${wanted}`) === true
}

function matchesPath(pattern: string, path: string | undefined): boolean {
  if (path === undefined || path.split('/').includes('..')) return false
  const folder = pattern.replace(/\/+$/, '')
  return path === folder || path.startsWith(`${folder}/`)
}
