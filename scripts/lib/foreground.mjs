import { spawn } from 'node:child_process'
import { root } from './root.mjs'
import { toolEnvironment } from './runtime.mjs'

/**
 * Runs a program in the foreground: it gets our terminal and our signals, we end as it ended.
 *
 * @param {{ command: string, args: string[], env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<never>}
 */
export function runInForeground({ command, args, env }) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...toolEnvironment(), ...env },
  })
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => {
      // On a terminal Ctrl+C reaches the child by itself; twice would cut its farewell short.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  return new Promise(() => {
    child.on('error', (error) => {
      console.error(`Could not run ${command}: ${error.message}`)
      process.exit(1)
    })
    child.on('exit', (code, signal) => process.exit(signal ? 128 + (signals[signal] ?? 1) : (code ?? 1)))
  })
}

/** @type {Record<string, number>} */
const signals = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }
