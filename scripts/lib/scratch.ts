import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own for one test or measurement: data, a workspace and a configuration that names one model. */
export interface Scratch {
  readonly data: string
  readonly workspace: string
  readonly config: string
  /** Writes a file of the workspace. */
  write(path: string, text: string): void
  git(...args: string[]): string
  remove(): void
}

export interface ScratchOptions {
  readonly files: Readonly<Record<string, string>>
  /** Where the model answers, with `/v1`; without one there are only the built-in models. */
  readonly modelUrl?: string
  /** Default `responses`. */
  readonly api?: 'responses' | 'chat'
  /** The model is said to end one of several responses on a connection when it is asked to. */
  readonly interrupts?: boolean | undefined
  /** More of the configuration, over what this writes. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Tokens the model has room for. */
  readonly window?: { readonly contextWindow: number; readonly maxOutputTokens: number }
}

const wide = { contextWindow: 1_000_000, maxOutputTokens: 200_000 }

export function createScratch({
  files,
  modelUrl,
  api = 'responses',
  window = wide,
  interrupts = false,
  settings,
}: ScratchOptions): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-scratch-'))
  const workspace = join(folder, 'project')
  const data = join(folder, 'data')
  const config = join(folder, 'tandem.config.json')
  mkdirSync(workspace)
  mkdirSync(data)
  const models = [{ id: 'fake-fast', ...window, tools: 'custom' }]
  const provider =
    modelUrl === undefined ? [] : [{ id: 'fake', api, baseUrl: modelUrl, models, interrupt: interrupts }]
  writeFileSync(
    config,
    JSON.stringify({
      providers: provider,
      discoverLocal: false,
      ...(modelUrl === undefined ? {} : { model: 'fake/fake-fast' }),
      ...settings,
    }),
  )
  const scratch: Scratch = {
    data,
    workspace,
    config,
    write(path, text) {
      const file = join(workspace, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    },
    git: (...args) =>
      execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid', ...args], {
        cwd: workspace,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
  for (const [path, text] of Object.entries(files)) scratch.write(path, text)
  scratch.git('init', '-q', '-b', 'main')
  scratch.git('add', '-A')
  scratch.git('commit', '-q', '--allow-empty', '-m', 'Begin')
  return scratch
}
