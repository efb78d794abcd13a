import { z } from 'zod'
import { RequestError } from '../../core/protocol/errors.ts'
import { limits } from '../../core/protocol/limits.ts'
import { exclusions, runRipgrep } from './ripgrep.ts'
import type { SearchMatch, SearchOptions } from './workspace.ts'

const textSchema = z.object({ text: z.string() })

const matchSchema = z.object({
  type: z.literal('match'),
  data: z.object({
    path: textSchema,
    lines: textSchema,
    line_number: z.number().int(),
    submatches: z.array(z.object({ start: z.number().int() })),
  }),
})

/** Searches the workspace's files; sorted by path and line. `truncated` when there may be more than is told. */
export async function searchText(
  root: string,
  options: SearchOptions,
): Promise<{ readonly matches: readonly SearchMatch[]; readonly truncated: boolean }> {
  const { query, regex, caseSensitive, include, limit } = options
  if (query === '') return { matches: [], truncated: false }
  const matches: SearchMatch[] = []
  let rest = ''
  const decoder = new TextDecoder()
  const result = await runRipgrep({
    root,
    args: [
      '--json',
      ...(regex ? [] : ['--fixed-strings']),
      caseSensitive ? '--case-sensitive' : '--ignore-case',
      ...(query.includes('\n') ? ['--multiline'] : []),
      `--max-filesize=${limits.documentBytes}`,
      `--max-count=${limit + 1}`,
      ...(include === undefined ? [] : [`--glob=${include}`]),
      ...exclusions,
      '--',
      query,
      './',
    ],
    onOutput(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const match = readMatch(line)
        if (match !== undefined) matches.push(match)
      }
      return matches.length > limit ? 'enough' : undefined
    },
  })
  // 1 is "nothing found"; 2 is an error, but may only mean that one file could not be read.
  if (result.code === 2 && matches.length === 0 && result.problem !== '') {
    throw new RequestError('badParams', `The search could not be run: ${result.problem.trim().slice(0, 500)}`)
  }
  const truncated = result.cut !== 'no' || matches.length > limit
  matches.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
  return { matches: matches.slice(0, limit), truncated }
}

/** A line of ripgrep's JSON; lines that are no match, and matches that are not UTF-8, give nothing. */
function readMatch(line: string): SearchMatch | undefined {
  if (!line.startsWith('{"type":"match"')) return undefined
  const parsed = matchSchema.safeParse(JSON.parse(line))
  if (!parsed.success) return undefined
  const { path, lines, line_number, submatches } = parsed.data.data
  return {
    path: path.text.replace(/^\.\//, ''),
    line: line_number,
    text: excerpt(lines.text.replace(/\r?\n.*$/s, ''), submatches[0]?.start ?? 0),
  }
}

/** The part of a long line around the match. `start` counts bytes, which is near enough to begin some way before it. */
function excerpt(text: string, start: number): string {
  if (text.length <= limits.searchLineChars) return text
  const from = Math.max(0, Math.min(start - 80, text.length - limits.searchLineChars))
  const cut = text.slice(from, from + limits.searchLineChars)
  return `${from > 0 ? '…' : ''}${cut}${from + cut.length < text.length ? '…' : ''}`
}
