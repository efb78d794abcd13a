/** A query made ready to be scored against many paths. */
export interface FuzzyQuery {
  readonly terms: readonly FuzzyTerm[]
}

interface FuzzyTerm {
  readonly text: string
  readonly lower: string
}

/** Words of the query must all be found, in any order; `/` in a word means that it speaks of folders too. */
export function fuzzyQuery(text: string): FuzzyQuery {
  const terms = text
    .replaceAll('\\', '/')
    .split(/\s+/)
    .filter((term) => term !== '')
    .map((term) => ({ text: term, lower: term.toLowerCase() }))
  return { terms }
}

/** How well the path fits: higher is better, `undefined` when it does not. */
export function fuzzyScore(query: FuzzyQuery, path: string): number | undefined {
  const lower = path.toLowerCase()
  const nameStart = path.lastIndexOf('/') + 1
  let total = 0
  for (const term of query.terms) {
    if (!isSubsequence(term.lower, lower)) return undefined
    const score = termScore(term, path, lower, nameStart)
    if (score === undefined) return undefined
    total += score
  }
  return total
}

const wholeName = 3_000
const nameBegins = 2_000
const inName = 1_000

function termScore(term: FuzzyTerm, path: string, lower: string, nameStart: number): number | undefined {
  const name = lower.slice(nameStart)
  if (name === term.lower || name.replace(/\.[^.]*$/, '') === term.lower) return wholeName + inName
  const score = alignmentScore(term, path.slice(nameStart), name)
  if (score !== undefined) return score + inName + (name.startsWith(term.lower) ? nameBegins : 0)
  return alignmentScore(term, path, lower)
}

function isSubsequence(wanted: string, text: string): boolean {
  let at = -1
  for (const char of wanted) {
    at = text.indexOf(char, at + 1)
    if (at < 0) return false
  }
  return true
}

/** The best way to find the term's characters in order: starts of words and unbroken runs count most. */
function alignmentScore(term: FuzzyTerm, text: string, lower: string): number | undefined {
  if (!isSubsequence(term.lower, lower)) return undefined
  const width = lower.length
  // Row by row over the term: the best score with its last character at each place, and the run that ends there.
  let scores = new Int32Array(width).fill(-1)
  let runs = new Int32Array(width)
  for (let row = 0; row < term.lower.length; row++) {
    const nextScores = new Int32Array(width).fill(-1)
    const nextRuns = new Int32Array(width)
    let bestBefore = row === 0 ? 0 : -1
    for (let at = 0; at < width; at++) {
      if (lower.charCodeAt(at) === term.lower.charCodeAt(row)) {
        const own = 1 + startBonus(text, at) + (text[at] === term.text[row] ? 1 : 0)
        const before = row > 0 && at > 0 ? (scores[at - 1] ?? -1) : -1
        const run = before < 0 ? 0 : (runs[at - 1] ?? 0) + 1
        const joined = before < 0 ? -1 : before + own + 4 + Math.min(run, 4)
        const apart = bestBefore < 0 ? -1 : bestBefore + own
        nextScores[at] = Math.max(joined, apart)
        nextRuns[at] = joined >= apart ? run : 0
      }
      if (row > 0) bestBefore = Math.max(bestBefore, scores[at] ?? -1)
    }
    scores = nextScores
    runs = nextRuns
  }
  const best = Math.max(...scores)
  return best < 0 ? undefined : best
}

function startBonus(text: string, at: number): number {
  if (at === 0) return 8
  const before = text.charCodeAt(at - 1)
  if (before === 47 /* / */) return 6
  if (before === 45 || before === 95 || before === 46 || before === 32 /* - _ . space */) return 5
  return isUpper(text.charCodeAt(at)) && !isUpper(before) ? 4 : 0
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90
}
