import type { CommandId, ThreadCommand } from '../protocol/command.ts'
import { limits } from '../protocol/limits.ts'
import type { ThreadState } from '../protocol/thread.ts'

/** Of more than are kept those go first that ended first. */
export function commandStarted(state: ThreadState, command: ThreadCommand): ThreadState {
  const { commands = [] } = state
  if (commands.some(({ id }) => id === command.id)) return state
  const over = commands.length + 1 - limits.keptCommands
  const gone = new Set(over > 0 ? commands.filter(({ result }) => result).slice(0, over) : [])
  return { ...state, commands: [...commands.filter((other) => !gone.has(other)), command] }
}

export function changeCommand(
  state: ThreadState,
  id: CommandId,
  change: (command: ThreadCommand) => ThreadCommand,
): ThreadState {
  if (!state.commands?.some((command) => command.id === id)) return state
  return {
    ...state,
    commands: state.commands.map((command) => (command.id === id ? change(command) : command)),
  }
}

/** Output seen before changes nothing. */
export function withOutput(command: ThreadCommand, offset: number, text: string): ThreadCommand {
  if (offset !== command.output.length) return command
  return { ...command, output: command.output + text }
}

/** A turn begins: the model is told of what has ended. */
export function tellCommands(state: ThreadState): ThreadState {
  if (!state.commands?.some(isUntold)) return state
  return {
    ...state,
    commands: state.commands.map((command) => (isUntold(command) ? { ...command, told: true } : command)),
  }
}

export function isUntold({ result, told }: ThreadCommand): boolean {
  return result !== undefined && told !== true
}
