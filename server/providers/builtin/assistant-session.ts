import type { ModelEvent, ModelItem, ModelRequest } from '../../../core/engine/model-stream.ts'
import type { WorkspaceCommand } from './commands/run-command.ts'
import { parseCommand } from './grammar/grammar.ts'
import { connectText, helpText, undoText } from './help.ts'
import type { LanguageClient } from './language-client.ts'
import type { LanguageAnswer, LanguageJob } from './language-job.ts'
import { type Sleep, writeOut } from './pace.ts'
import { type RequestContext, readRequestContext } from './request-context.ts'

export interface AssistantOptions {
  readonly client: LanguageClient
  readonly readFile: (path: string) => Promise<string | undefined>
  readonly sleep: Sleep
}

const editTool = 'apply_patch'
/** How often an answer is made again because the person typed in a file meanwhile. */
const maxAttempts = 4

/** Answers one thread: reads the command, lets the language worker do it, and writes the answer and the patch out. */
export class AssistantSession {
  readonly #options: AssistantOptions
  #calls = 0

  constructor(options: AssistantOptions) {
    this.#options = options
  }

  warm(request: ModelRequest): void {
    const { activeFile } = readRequestContext(request)
    this.#options.client.warm(activeFile === undefined ? [] : [activeFile])
  }

  async stream(
    request: ModelRequest,
    signal: AbortSignal,
    onEvent: (event: ModelEvent) => void,
  ): Promise<void> {
    const emit = (event: ModelEvent): void => {
      if (!signal.aborted) onEvent(event)
    }
    try {
      emit({ type: 'sent', connection: 'reused', connectMs: 0 })
      const context = readRequestContext(request)
      const last = request.input.at(-1)
      if (last?.type === 'toolResult') await this.#say(closing(last, context), signal, emit)
      else await this.#answer(context, request, signal, emit)
      emit({ type: 'completed' })
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      emit({ type: 'failed', failure: { code: 'internal', detail: detail.slice(0, 500), retriable: true } })
    }
  }

  async #answer(
    context: RequestContext,
    request: ModelRequest,
    signal: AbortSignal,
    emit: (event: ModelEvent) => void,
  ): Promise<void> {
    const { language } = context
    const command = parseCommand(context.words)
    if (!command) return this.#say(helpText(language, 'unknown'), signal, emit)
    switch (command.type) {
      case 'help':
        return this.#say(helpText(language, 'asked'), signal, emit)
      case 'connect':
        return this.#say(connectText(language), signal, emit)
      case 'undo':
        return this.#say(undoText(language), signal, emit)
      default: {
        const only = request.onlyPaths && new Set(request.onlyPaths)
        const answer = await this.#work(command, { context, only }, signal)
        if (answer.patch === undefined) return this.#say(answer.text, signal, emit)
        if (!request.tools.some((tool) => tool.name === editTool)) {
          return this.#say(planned(answer, context), signal, emit)
        }
        await this.#say(answer.text, signal, emit)
        await this.#edit(answer.patch, request, signal, emit)
      }
    }
  }

  /** Runs the command on what the person sees now: again, when a file it would change was typed in or not yet saved. */
  async #work(
    command: WorkspaceCommand,
    { context, only }: Omit<LanguageJob, 'command' | 'overrides'>,
    signal: AbortSignal,
  ): Promise<LanguageAnswer> {
    const overrides = new Map<string, string>()
    const watched = new Set([...context.openFiles, ...pathsIn(command)])
    if (context.activeFile !== undefined) watched.add(context.activeFile)
    for (let attempt = 1; ; attempt++) {
      await Promise.all(
        [...watched].map(async (path) => {
          const text = await this.#options.readFile(path).catch(() => undefined)
          if (text === undefined) overrides.delete(path)
          else overrides.set(path, text)
        }),
      )
      const answer = await this.#options.client.run({ command, context, overrides, only }, signal)
      const stale = await this.#stale(answer)
      if (stale.length === 0 || attempt === maxAttempts) return answer
      for (const path of stale) watched.add(path)
    }
  }

  async #stale(answer: LanguageAnswer): Promise<readonly string[]> {
    const checks = [...answer.bases].map(async ([path, base]) => {
      const live = await this.#options.readFile(path).catch(() => undefined)
      return live === undefined || base === undefined || plain(live) === base ? [] : [path]
    })
    return (await Promise.all(checks)).flat()
  }

  async #say(text: string, signal: AbortSignal, emit: (event: ModelEvent) => void): Promise<void> {
    const { sleep } = this.#options
    await writeOut(text, { sleep, signal, piece: (piece) => emit({ type: 'textDelta', text: piece }) })
    emit({ type: 'textCompleted' })
  }

  async #edit(
    patch: string,
    request: ModelRequest,
    signal: AbortSignal,
    emit: (event: ModelEvent) => void,
  ): Promise<void> {
    const callId = `call_builtin_${request.input.length}_${++this.#calls}`
    const call = { callId, name: editTool, format: 'freeform' } as const
    emit({ type: 'toolCallStarted', ...call })
    const { sleep } = this.#options
    await writeOut(patch, { sleep, signal, piece: (delta) => emit({ type: 'toolCallDelta', callId, delta }) })
    emit({ type: 'toolCallCompleted', ...call, input: patch })
  }
}

/** Files the command names. */
function pathsIn(command: WorkspaceCommand): readonly string[] {
  const words = Object.values(command).map((value) =>
    typeof value === 'object' && value.kind === 'file' ? value.path : value,
  )
  return words.filter((word) => typeof word === 'string' && /^\S*\.\w+$/.test(word)).map(String)
}

function plain(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n')
}

/** One sentence after the edit, by what the tool reported. */
function closing(result: Extract<ModelItem, { type: 'toolResult' }>, { language }: RequestContext): string {
  const files = result.output.match(/^[AMD] .+$/gm)?.length ?? 0
  if (/^success/i.test(result.output.trim())) {
    if (language === 'zh')
      return files > 1
        ? `完成：已修改 ${files} 个文件。“撤销本轮”可以全部收回。`
        : '完成。“撤销本轮”可以收回这次修改。'
    return files > 1
      ? `Done: ${files} files changed. “Undo turn” takes it all back.`
      : 'Done. “Undo turn” takes it back.'
  }
  const [reason = ''] = result.output.trim().split('\n')
  return language === 'zh'
    ? `修改没有全部成功：${reason.slice(0, 300)}。文件可能刚刚被改动，请再说一次。`
    : `Not all of it could be applied: ${reason.slice(0, 300)}. The file may have changed meanwhile; ask again.`
}

/** Without an edit tool (Plan mode): what would be done. */
function planned({ text, bases }: LanguageAnswer, { language }: RequestContext): string {
  const files = [...bases.keys()].slice(0, 20).map((path) => `- \`${path}\``)
  const left = bases.size - files.length
  const more = left > 0 ? [language === 'zh' ? `- ……另有 ${left} 个文件` : `- … and ${left} more`] : []
  const head =
    language === 'zh'
      ? '这里不能编辑文件（计划模式）。切换到实时模式后，我会这样做：'
      : 'I cannot edit here (Plan mode). In Live mode I would do this:'
  return [head, '', text, '', ...files, ...more].join('\n')
}
