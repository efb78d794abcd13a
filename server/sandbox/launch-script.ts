import { existsSync } from 'node:fs'
import type { CommandLimits, SandboxCommand } from './runner.ts'

/** Systems without bash have a shell that does with `sh` what is asked of it here. */
const hasBash = existsSync('/bin/bash')
const shell = hasBash ? '/bin/bash' : '/bin/sh'
/** What `ulimit -f` counts in. */
const blockBytes = hasBash ? 1024 : 512

/**
 * Closes what the server itself was given open by whoever started it, which no runtime marks for closing; sets the
 * limits the kernel itself holds to, and becomes the command. Memory is bounded as data a process may write: runtimes
 * reserve far more addresses than they use. Shells differ in the letter for processes.
 */
const script = `for fd in /proc/self/fd/*; do
  fd=\${fd##*/}
  case $fd in 0 | 1 | 2 | *[!0-9]*) ;; *) eval "exec $fd>&-" ;; esac
done
ulimit -c 0 && ulimit -f "$1" && ulimit -d "$2" && ulimit -n 4096 || exit 126
ulimit -u "$3" 2>/dev/null || ulimit -p "$3" 2>/dev/null || exit 126
shift 3
exec nice -n 10 "$@"`

/** The command with its limits around it, as programs are started: name, then arguments. */
export function launchArguments(
  command: SandboxCommand['command'],
  limits: CommandLimits,
): readonly string[] {
  const blocks = Math.max(1, Math.floor(limits.fileBytes / blockBytes))
  const kibibytes = Math.max(1, Math.floor(limits.memoryBytes / 1024))
  const words = typeof command === 'string' ? [shell, '-c', command] : command
  return [shell, '-c', script, 'sh', `${blocks}`, `${kibibytes}`, `${limits.processes}`, ...words]
}
