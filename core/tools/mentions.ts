/** An `@…` in a text: what it names and where it stands. Whether that exists is for others to find out. */
export type MentionToken = { readonly from: number; readonly to: number } & (
  | {
      readonly kind: 'path'
      readonly path: string
      readonly startLine: number | undefined
      readonly endLine: number | undefined
    }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'thread'; readonly name: string }
  | { readonly kind: 'selection' | 'problems' | 'changes' }
)

const word = /^(selection|problems|changes|diff)(?![\p{L}\p{N}_\-/\\(]|\.[\p{L}\p{N}])/u
const symbol = /^[#＃]([\p{L}_$][\p{L}\p{N}_$]*)/u
const thread = /^(?:thread|会话|对话)[(（]([^()（）\n]{1,200})[)）]/
const quoted = /^"([^"\n]{1,1024})"/
const path = /^[^\s"'`@＠()[\]{}<>,;:#!?，。；：！？、（）「」]{1,1024}/u
const range = /^(?::|：|#L)(\d{1,7})(?:[-–](?:L)?(\d{1,7}))?/

/** All mentions of a text, in its order. An `@` within a word (an e-mail address) begins none. */
export function parseMentions(text: string): readonly MentionToken[] {
  const found: MentionToken[] = []
  let end = 0
  for (const match of text.matchAll(/(?<![\p{L}\p{N}_.+\-@＠/])[@＠]/gu)) {
    const from = match.index
    if (from < end) continue
    const token = readToken(text.slice(from + 1, from + 1200), from)
    if (!token) continue
    found.push(token)
    end = token.to
  }
  return found
}

function readToken(rest: string, from: number): MentionToken | undefined {
  const start = from + 1
  const keyword = word.exec(rest)
  if (keyword?.[1]) {
    const kind = keyword[1] === 'selection' || keyword[1] === 'problems' ? keyword[1] : 'changes'
    return { kind, from, to: start + keyword[0].length }
  }
  const named = symbol.exec(rest)
  if (named?.[1]) return { kind: 'symbol', name: named[1], from, to: start + named[0].length }
  const other = thread.exec(rest)
  if (other?.[1]) return { kind: 'thread', name: other[1].trim(), from, to: start + other[0].length }
  const quote = quoted.exec(rest)
  // A dot or a dash at the end belongs to the sentence.
  const bare = quote ? undefined : path.exec(rest)?.[0].replace(/[.…-]+$/, '')
  const name = quote?.[1] ?? bare
  if (!name) return undefined
  const length = quote ? quote[0].length : name.length
  const lines = range.exec(rest.slice(length))
  const first = lines ? Math.max(1, Number(lines[1])) : undefined
  const last = lines?.[2] === undefined ? first : Math.max(1, Number(lines[2]))
  const [startLine, endLine] = (first ?? 0) <= (last ?? 0) ? [first, last] : [last, first]
  return { kind: 'path', path: name, startLine, endLine, from, to: start + length + (lines?.[0].length ?? 0) }
}

/** The unfinished word at the caret that a list of completions can finish: `@que`, or `/que` that begins the text. */
export function wordToComplete(
  text: string,
  caret: number,
): { readonly sign: '@' | '/'; readonly query: string; readonly from: number } | undefined {
  const before = text.slice(0, caret)
  const command = /^\s*[/／](\S*)$/u.exec(before)
  if (command) return { sign: '/', query: command[1] ?? '', from: before.search(/\S/) }
  const mention =
    /(?<![\p{L}\p{N}_.+\-@＠/])[@＠](\p{L}{1,20}[(（][^()（）@＠\n]{0,200}|[^\s"'`@＠()]{0,200})$/u.exec(
      before,
    )
  const query = mention?.[1] ?? ''
  if (!mention || (/[(（]/.test(query) && !choiceOf(query))) return undefined
  return { sign: '@', query, from: mention.index }
}

export type MentionKind = 'thread' | 'file' | 'folder' | 'symbol' | 'selection' | 'problems' | 'changes'

/** What people call the things that can be mentioned, in either language. */
const kindWords: Readonly<Record<MentionKind, readonly string[]>> = {
  selection: ['selection', '选中', '选区'],
  problems: ['problems', '问题', '错误'],
  changes: ['changes', 'diff', '改动', '更改'],
  thread: ['thread', '会话', '对话'],
  file: ['file', '文件'],
  folder: ['folder', '文件夹'],
  symbol: ['symbol', '符号'],
}
const choices = ['thread', 'file', 'folder'] as const

/** The kinds whose name begins with a word. */
export function kindsNamed(begun: string): readonly MentionKind[] {
  const wanted = begun.toLowerCase()
  const kinds = Object.entries(kindWords) as [MentionKind, readonly string[]][]
  return kinds.filter(([, names]) => names.some((name) => name.startsWith(wanted))).map(([kind]) => kind)
}

/** `thread(wid` of `@thread(wid`: one of a kind is being chosen, by what is typed so far. */
export function choiceOf(
  query: string,
): { readonly kind: (typeof choices)[number]; readonly query: string } | undefined {
  const [, name = '', typed = ''] = /^([^(（]+)[(（](.*)$/u.exec(query) ?? []
  const kind = choices.find((one) => kindWords[one].includes(name.toLowerCase()))
  return kind && { kind, query: typed.trim() }
}

/** How a path is written as a mention. */
export function mentionOfPath(name: string): string {
  return path.exec(name)?.[0] === name && !/[.…-]$/.test(name) ? `@${name}` : `@"${name}"`
}

/** `/name rest` as a command; a path or anything else is none. */
export function parseSlash(text: string): { readonly name: string; readonly argument: string } | undefined {
  const match = /^\s*[/／]([a-z][a-z-]*|\p{Script=Han}{1,6})(?:[^\S\n]+([^\n]*?))?\s*$/iu.exec(text)
  return match?.[1] ? { name: match[1].toLowerCase(), argument: match[2] ?? '' } : undefined
}
