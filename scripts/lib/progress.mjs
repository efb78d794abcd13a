import { spawn } from 'node:child_process'
import { root } from './root.mjs'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const plainEveryMs = 10_000

/**
 * Runs a long command behind one line that tells what goes on and for how long: redrawn on a terminal, repeated
 * every ten seconds elsewhere. On failure shows the end of its output and `advice`. Answers whether it succeeded.
 *
 * @param {{ title: string, command: string, args: string[], env: NodeJS.ProcessEnv, advice: string, detail?: () => string }} options
 * @returns {Promise<boolean>}
 */
export function runWithProgress({ title, command, args, env, advice, detail }) {
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  const terminal = process.stderr.isTTY === true
  let output = ''
  let frame = 0

  const draw = () => {
    const text = `${title} … ${[detail?.() ?? lastLine(output), `${seconds()} s`].filter(Boolean).join(', ')}`
    if (!terminal) return process.stderr.write(`${text}\n`)
    const width = (process.stderr.columns || 80) - 3
    process.stderr.write(`\r\x1b[2K${frames[frame++ % frames.length]} ${text.slice(0, width)}`)
  }
  draw()
  const timer = setInterval(draw, terminal ? 120 : plainEveryMs)

  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const stopChild = () => child.kill('SIGTERM')
    process.once('SIGINT', stopChild).once('SIGTERM', stopChild)
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    /** @param {string} problem */
    const end = (problem) => {
      clearInterval(timer)
      process.off('SIGINT', stopChild).off('SIGTERM', stopChild)
      if (terminal) process.stderr.write('\r\x1b[2K')
      if (problem === '') process.stderr.write(`${title}: done in ${seconds()} s\n`)
      else {
        const tail = output.trimEnd().split('\n').slice(-25).join('\n')
        process.stderr.write(`${title}: ${problem} after ${seconds()} s\n\n${tail}\n\n${advice}\n`)
      }
      resolve(problem === '')
    }
    child.on('error', (error) => end(`failed (${error.message})`))
    child.on('close', (code, signal) => end(code === 0 ? '' : `failed (${signal ?? `exit code ${code}`})`))
  })
}

/** @param {string} output */
function lastLine(output) {
  const lines = output.split('\n').map((line) => line.trim())
  return (lines.filter(Boolean).at(-1) ?? '').replace(/\x1b\[[0-9;]*[A-Za-z]/g, '').slice(0, 60)
}
