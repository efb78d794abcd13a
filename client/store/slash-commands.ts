import { limits } from '../../core/protocol/limits.ts'
import { tierId, tierNames } from '../../core/protocol/model.ts'
import { parseSlash } from '../../core/tools/mentions.ts'
import type { MessageKey } from '../i18n/messages.ts'
import { commands, isAvailable } from './commands.ts'
import { may } from './selectors.ts'
import type { WorkbenchState } from './store.ts'
import { canCompact, lastSaid } from './window-slice.ts'

/** Something typed after a `/` instead of a prompt. Nothing is sent. */
interface SlashCommand {
  readonly name: string
  /** The same in Chinese, and as other tools call it. */
  readonly aliases?: readonly string[]
  readonly help: MessageKey
  /** Shown for its argument. */
  readonly argument?: MessageKey
  /** Answers why it could not be done. */
  run(state: WorkbenchState, argument: string): MessageKey | undefined
}

const done = undefined

/** Does what the palette's command does, when it can be done now. */
function like(id: string): SlashCommand['run'] {
  return (state) => {
    const command = commands.find((other) => other.id === id)
    if (!command || !isAvailable(command, state)) return 'slash.notNow'
    command.run(state)
    return done
  }
}

const exportFormats = new Map([
  ['', 'exportMarkdown'],
  ['markdown', 'exportMarkdown'],
  ['md', 'exportMarkdown'],
  ['json', 'exportJson'],
])

export const slashCommands: readonly SlashCommand[] = [
  { name: 'new', aliases: ['clear'], help: 'slash.new', run: like('newThread') },
  { name: 'threads', aliases: ['sessions', 'resume'], help: 'slash.threads', run: like('showThreads') },
  { name: 'share', help: 'command.share', run: like('share') },
  { name: 'archive', help: 'slash.archive', run: like('archive') },
  {
    name: 'export',
    help: 'slash.export',
    argument: 'slash.exportArgument',
    run: (state, argument) => {
      const format = exportFormats.get(argument.toLowerCase())
      return format ? like(format)(state, argument) : 'slash.noFormat'
    },
  },
  {
    name: 'plan',
    help: 'slash.plan',
    run: (state) => {
      state.configure({ mode: 'plan' })
      return done
    },
  },
  {
    name: 'live',
    aliases: ['fast'],
    help: 'slash.live',
    run: (state) => {
      state.configure({ mode: 'live' })
      return done
    },
  },
  {
    name: 'background',
    aliases: ['后台'],
    help: 'slash.background',
    argument: 'slash.backgroundArgument',
    run: (state, argument) => {
      const { task, planFirst } = withPlan(argument)
      if (task === '') return 'jobs.nothing'
      void state.handOff(task, planFirst ? { planFirst } : {}).then((arrived) => {
        if (!arrived) state.giveBack(`/background ${argument}`, state.threadId)
      })
      return done
    },
  },
  {
    name: 'candidates',
    aliases: ['best-of-n', 'bestofn', '候选'],
    help: 'slash.candidates',
    argument: 'slash.backgroundArgument',
    run: (state, argument) => {
      state.draftCandidates({ task: argument, fromComposer: true })
      return done
    },
  },
  { name: 'jobs', aliases: ['任务', 'tasks', 'ps'], help: 'slash.jobs', run: like('showJobs') },
  { name: 'stop', help: 'slash.stop', run: like('stop') },
  { name: 'undo', help: 'slash.undo', run: like('undoTurn') },
  { name: 'redo', help: 'slash.redo', run: like('redoTurn') },
  { name: 'rewind', help: 'history.command', run: like('rewind') },
  { name: 'fork', help: 'history.forkCommand', run: like('fork') },
  {
    name: 'model',
    help: 'slash.model',
    argument: 'slash.modelArgument',
    run: (state, argument) => {
      const wanted = argument.toLowerCase()
      const { models } = state
      const tier = tierNames.find((name) => name === wanted || tierId(name) === wanted)
      if (tier) {
        state.configure({ modelId: tierId(tier) })
        return done
      }
      const model =
        models.find(({ id, name }) => [id, name].some((word) => word.toLowerCase() === wanted)) ??
        models.find(({ id, name }) => `${id} ${name}`.toLowerCase().includes(wanted))
      if (wanted === '' || !model) return 'slash.noModel'
      state.configure({ modelId: model.id })
      return done
    },
  },
  {
    name: 'rename',
    help: 'slash.rename',
    argument: 'slash.renameArgument',
    run: (state, argument) => {
      if (!state.threadId || argument === '') return 'slash.noTitle'
      state.renameThread(state.threadId, argument.slice(0, 200))
      return done
    },
  },
  {
    name: 'run',
    help: 'slash.run',
    argument: 'slash.runArgument',
    run: (state, argument) => runCommand(state, argument),
  },
  { name: 'review', aliases: ['diff'], help: 'slash.review', run: like('review') },
  { name: 'context', help: 'slash.context', run: like('inspectPrompt') },
  {
    name: 'compact',
    help: 'slash.compact',
    run: (state, argument) =>
      canCompact(state.thread) ? like('compact')(state, argument) : 'compact.nothing',
  },
  {
    name: 'pin',
    help: 'slash.pin',
    run: (state) => {
      const itemId = lastSaid(state.thread)
      if (!itemId) return 'pin.nothing'
      state.pinMessage(itemId, !state.thread?.pins?.includes(itemId))
      return done
    },
  },
  { name: 'latency', help: 'slash.latency', run: like('latency') },
  { name: 'keys', help: 'slash.keys', run: like('keys') },
  { name: 'help', help: 'slash.help', run: like('palette') },
]

/** `--plan` before the task: a plan is to be accepted first. */
function withPlan(argument: string): { readonly task: string; readonly planFirst: boolean } {
  const task = argument.replace(/^(?:--|——?)plan(?=\s|$)/, '').trim()
  return { task, planFirst: task !== argument.trim() }
}

function runCommand(state: WorkbenchState, given: string): MessageKey | undefined {
  const text = given.trim()
  if (!may(state, 'command/run')) return 'slash.notNow'
  if (text === '') return 'command.none'
  if (text.length > limits.commandChars) return 'command.tooLong'
  state.runCommand(text)
  return done
}

/** Runs a text that is a command, or goes to the shell after a `!`. `none`: it is a prompt; else `done`, or why it could not be done. */
export function runSlash(state: WorkbenchState, text: string): 'none' | 'done' | MessageKey {
  const shell = /^\s*[!！]([\s\S]*)$/.exec(text)?.[1]
  if (shell !== undefined) return runCommand(state, shell) ?? 'done'
  const typed = parseSlash(text)
  if (!typed) return 'none'
  const command = slashCommands.find(({ name, aliases = [] }) => [name, ...aliases].includes(typed.name))
  if (!command) return 'slash.unknown'
  return command.run(state, typed.argument) ?? 'done'
}
