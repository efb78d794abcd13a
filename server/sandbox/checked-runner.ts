import { type CommandResult, type Runner, type SandboxCommand, SandboxError } from './runner.ts'

/** Runs nothing that could not be held: what is checked is looked at before the first command, and until it is well. */
export function checkedRunner({
  kind,
  check,
  start,
}: {
  readonly kind: Runner['kind']
  /** Answers what stands in the way, and what to do about it. */
  readonly check: () => Promise<string | SandboxError | undefined>
  readonly start: (command: SandboxCommand) => Promise<CommandResult>
}): Runner {
  let checked: Promise<SandboxError | undefined> | undefined

  function complaint(): Promise<SandboxError | undefined> {
    checked ??= check().then((found) => {
      // What was missing may be there by the next command.
      if (found !== undefined) checked = undefined
      return typeof found === 'string' ? new SandboxError(found) : found
    })
    return checked
  }

  return {
    kind,
    problem: async () => (await complaint())?.message,
    async run(command) {
      const found = await complaint()
      if (found) throw found
      return start(command)
    },
  }
}
