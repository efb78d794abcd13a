import { type CommandResult, type Runner, type SandboxCommand, SandboxError } from './runner.ts'

/** Runs nothing that could not be held: what is checked is looked at before the first command, and until it is well. */
export function checkedRunner({
  kind,
  check,
  start,
}: {
  readonly kind: Runner['kind']
  /** Answers what stands in the way, and what to do about it. */
  readonly check: () => Promise<string | undefined>
  readonly start: (command: SandboxCommand) => Promise<CommandResult>
}): Runner {
  let checked: Promise<string | undefined> | undefined

  function problem(): Promise<string | undefined> {
    checked ??= check().then((found) => {
      // What was missing may be there by the next command.
      if (found !== undefined) checked = undefined
      return found
    })
    return checked
  }

  return {
    kind,
    problem,
    async run(command) {
      const complaint = await problem()
      if (complaint !== undefined) throw new SandboxError(complaint)
      return start(command)
    },
  }
}
