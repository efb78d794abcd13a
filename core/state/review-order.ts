import type { ReviewHunk } from './review.ts'

/** Why a change deserves a look before others; from the gravest. */
export const riskReasons = [
  'deletesFile',
  'sensitive',
  'configuration',
  'removesTests',
  'manyRemoved',
  'publicInterface',
  'large',
  'small',
] as const
export type RiskReason = (typeof riskReasons)[number]

// Tokens of a model and authors of a text are no secrets.
const sensitivePath =
  /(auth(?!or)|login|session|password|secret|(access|refresh|api|csrf)[-_]?token|crypt|permission|security|payment|sandbox)/i
const configurationPath =
  /(^|\/)(\.github|\.gitlab|\.ci|ci|deploy|migrations?)\/|(^|\/)(package(-lock)?\.json|[^/]*\.lock|Dockerfile|Makefile|[^/]*\.(ya?ml|toml|ini|tf|sql)|[^/]*config[^/]*)$/i
const testPath = /(^|\/)(tests?|__tests__|e2e|spec)\/|\.(test|spec)\.[a-z]+$/i
const interfaceLine = /^\s*(export\b|public\b|pub\b|def [a-z]|func [A-Z]|interface\b|type\b)/m
const manyLines = 30

export function riskOf({ file, path, hunk }: ReviewHunk): RiskReason {
  const { removedLines, addedLines, removedText } = hunk
  if (file.kind === 'delete') return 'deletesFile'
  if (sensitivePath.test(path)) return 'sensitive'
  if (configurationPath.test(path)) return 'configuration'
  if (testPath.test(path) && removedLines > addedLines) return 'removesTests'
  if (removedLines >= manyLines) return 'manyRemoved'
  if (interfaceLine.test(removedText)) return 'publicInterface'
  return addedLines >= manyLines ? 'large' : 'small'
}

export interface ReviewFile {
  readonly path: string
  readonly entries: readonly ReviewHunk[]
}

/** The file with the gravest change first, and in a file the gravest change; alike ones as they were written. */
export function inReviewOrder(entries: readonly ReviewHunk[]): readonly ReviewFile[] {
  const ranks = new Map(entries.map((entry) => [entry, riskReasons.indexOf(riskOf(entry))]))
  const rank = (entry: ReviewHunk | undefined) => (entry && ranks.get(entry)) ?? riskReasons.length
  const files = [...Map.groupBy(entries, ({ path }) => path)].map(([path, all]) => ({
    path,
    entries: all.toSorted((a, b) => rank(a) - rank(b)),
  }))
  return files.toSorted((a, b) => rank(a.entries[0]) - rank(b.entries[0]))
}
