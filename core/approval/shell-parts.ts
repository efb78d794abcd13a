/** One command of a line, as words with their quotes taken off. */
export type Words = readonly string[]

export interface ShellLine {
  /** Every command of the line, in order. */
  readonly parts: readonly Words[]
  /** What in it cannot be told by reading, when there is something: then its parts are a guess. */
  readonly unclear: string | undefined
}

const reserved = new Set(
  'if then elif else fi for while until do done case esac in select function time coproc { } ! [['.split(' '),
)
const harmless = /^(?:[012]?>\s*\/dev\/null|[012]?<\s*\/dev\/null|[12]?>&[12]|&>\s*\/dev\/null)/

/**
 * Takes a line of shell apart at `&&`, `||`, `;`, `|`, `&` and new lines. Anything whose meaning depends on more than
 * the letters (substitutions, variables, redirections to files, assignments, blocks) is said to be unclear; what stands
 * in substitutions is listed as parts too, so that a refusal finds it.
 */
export function shellParts(line: string): ShellLine {
  const parts: Words[] = []
  let words: string[] = []
  let word: string | undefined
  let unclear: string | undefined
  const doubt = (why: string) => {
    unclear ??= why
  }
  const endWord = () => {
    if (word === undefined) return
    if (words.length === 0 && reserved.has(word)) doubt(`the word ${word}`)
    if (words.length === 0 && /^[A-Za-z_]\w*\+?=/.test(word)) doubt('an assignment')
    words.push(word)
    word = undefined
  }
  const endPart = () => {
    endWord()
    if (words.length > 0) parts.push(words)
    words = []
  }
  let at = 0
  while (at < line.length) {
    const rest = line.slice(at)
    const char = line[at] ?? ''
    if (char === "'") {
      const end = line.indexOf("'", at + 1)
      if (end < 0) doubt('a quote that does not end')
      word = (word ?? '') + line.slice(at + 1, end < 0 ? line.length : end)
      at = end < 0 ? line.length : end + 1
    } else if (char === '"') {
      const quoted = /^"((?:[^"\\]|\\[\s\S])*)"?/.exec(rest)
      const inner = quoted?.[1] ?? ''
      if (quoted?.[0] === `"${inner}`) doubt('a quote that does not end')
      if (/[$`]/.test(inner)) doubt('a variable or substitution')
      for (const nested of substitutions(inner)) parts.push(...shellParts(nested).parts)
      word = (word ?? '') + inner.replace(/\\(["\\$`])/g, '$1')
      at += quoted?.[0].length ?? 1
    } else if (char === '\\') {
      if (line[at + 1] !== '\n') word = (word ?? '') + (line[at + 1] ?? '')
      at += 2
    } else if (char === '$' || char === '`') {
      doubt('a variable or substitution')
      for (const nested of substitutions(rest)) parts.push(...shellParts(nested).parts)
      word = (word ?? '') + char
      at += 1
    } else if (word === undefined && harmless.test(rest)) {
      at += harmless.exec(rest)?.[0].length ?? 1
    } else if (char === '<' || char === '>') {
      doubt('a redirection')
      endWord()
      at += 1
    } else if (char === '(' || char === ')') {
      doubt('a block')
      endPart()
      at += 1
    } else if (char === '#' && word === undefined) {
      const end = line.indexOf('\n', at)
      at = end < 0 ? line.length : end
    } else if (/[;&|\n]/.test(char)) {
      endPart()
      at += 1
    } else if (/[ \t]/.test(char)) {
      endWord()
      at += 1
    } else {
      if (char === '{' || char === '}') doubt('a block')
      // What shells, people and terminals read differently is nothing to go by.
      if (/[\p{C}\p{Z}]/u.test(char)) doubt('a character that cannot be seen')
      word = (word ?? '') + char
      at += 1
    }
  }
  endPart()
  return { parts, unclear }
}

/** What stands in `$(…)` and backticks from here on, roughly: inner ones end at the first closing sign. */
function substitutions(text: string): readonly string[] {
  return [...text.matchAll(/\$\(([^()]*)\)?|`([^`]*)`?/g)].map((match) => match[1] ?? match[2] ?? '')
}
