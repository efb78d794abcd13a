import type { CommandLimits, SandboxCommand } from './runner.ts'

/**
 * Sets the limits the kernel itself holds to and becomes the command. Memory is bounded as data a process may write:
 * runtimes reserve far more addresses than they use. Shells differ in the letter for processes.
 */
const script = `ulimit -c 0 && ulimit -f "$1" && ulimit -d "$2" && ulimit -n 4096 || exit 126
ulimit -u "$3" 2>/dev/null || ulimit -p "$3" 2>/dev/null || exit 126
shift 3
exec nice -n 10 "$@"`

/** The command with its limits around it, as programs are started: name, then arguments. */
export function launchArguments(
  command: SandboxCommand['command'],
  limits: CommandLimits,
): readonly string[] {
  const blocks = Math.max(1, Math.floor(limits.fileBytes / 512))
  const kibibytes = Math.max(1, Math.floor(limits.memoryBytes / 1024))
  const words = typeof command === 'string' ? ['/bin/bash', '-c', command] : command
  return ['/bin/sh', '-c', script, 'sh', `${blocks}`, `${kibibytes}`, `${limits.processes}`, ...words]
}
