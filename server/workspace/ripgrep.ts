import { rgPath } from '@vscode/ripgrep'
import { limits } from '../../core/protocol/limits.ts'
import { type ProcessResult, runProcess } from './run-process.ts'

/** What no list and no search shows, whatever the person's globs say. */
const leftOut = ['.git', '.tandem', 'node_modules', '*.tandem-tmp']

/** Runs ripgrep in `root` with an empty environment and no configuration file; `.gitignore` counts without a repository too. */
export function runRipgrep({
  root,
  args,
  onOutput,
}: {
  readonly root: string
  readonly args: readonly string[]
  readonly onOutput: (chunk: Buffer) => 'enough' | undefined
}): Promise<ProcessResult> {
  return runProcess({
    file: rgPath,
    args: ['--no-config', '--hidden', '--no-require-git', ...args],
    cwd: root,
    env: {},
    timeoutMs: limits.searchMs,
    outputBytes: limits.searchBytes,
    onOutput,
  })
}

/** Given after a person's own glob, so that these have the last word. */
export const exclusions: readonly string[] = leftOut.map((name) => `--iglob=!${name}`)
