import { createScratch, type Scratch } from '../../scripts/lib/scratch.ts'
import { startTandem, type TandemProcess } from '../../scripts/lib/tandem-process.ts'
import { type ModelProcess, startModel } from './model-process.ts'

export interface Setting {
  readonly model: ModelProcess
  readonly tandem: TandemProcess
  readonly scratch: Scratch
}

/** What stands between the server and the model. */
export interface Front {
  readonly baseUrl: string
  /** A file of certificates that the server is to trust. */
  readonly certificates: string
  close(): Promise<void>
}

/** Runs a measurement against a new model and a new server, and clears away whatever happens. */
export async function withServer<T>(
  options: {
    readonly files: Readonly<Record<string, string>>
    /** More of the configuration. */
    readonly settings?: Readonly<Record<string, unknown>>
    /** The model ends one of several responses on a connection when it is asked to. */
    readonly interrupts?: boolean | undefined
    /** Where the server leaves its CPU profile when it ends. */
    readonly profile?: string | undefined
    /** More flags for Node. */
    readonly nodeFlags?: readonly string[]
    /** Puts something between server and model; the server is told its address. */
    readonly front?: ((model: ModelProcess) => Promise<Front>) | undefined
  },
  measure: (setting: Setting) => Promise<T>,
): Promise<T> {
  const { files, settings, profile, interrupts } = options
  const model = await startModel()
  const front = await options.front?.(model)
  const scratch = createScratch({
    files,
    modelUrl: front?.baseUrl ?? model.baseUrl,
    interrupts,
    ...(settings && { settings }),
  })
  try {
    const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
    const nodeFlags = [...profiling, ...(options.nodeFlags ?? [])]
    const tandem = await startTandem({
      ...scratch,
      workspaces: [scratch.workspace],
      nodeFlags,
      certificates: front?.certificates,
    })
    try {
      return await measure({ model, tandem, scratch })
    } finally {
      await tandem.end()
    }
  } finally {
    await front?.close()
    await model.close()
    scratch.remove()
  }
}
