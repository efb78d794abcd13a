import type { SandboxGap } from '../../core/protocol/command.ts'
import type { Reached } from '../../core/protocol/reached.ts'

/**
 * Runs commands nobody vouches for. The boundary is the sandbox: whatever a command says, it reaches its folder and
 * nothing else. Nothing it started is left when `run` resolves.
 */
export interface Runner {
  readonly kind: SandboxKind
  /** Why no command can run here and what to do, for people; undefined when commands run. */
  problem(): Promise<string | undefined>
  /** Rejects with a SandboxError when the sandbox cannot be set up: then nothing of the command has run. */
  run(command: SandboxCommand): Promise<CommandResult>
}

export const sandboxKinds = ['bwrap', 'container', 'seatbelt', 'unsafe-none'] as const
export type SandboxKind = (typeof sandboxKinds)[number]

/** The command did not start; the message says why and what to do. */
export class SandboxError extends Error {
  readonly gap: SandboxGap | undefined

  constructor(message: string, gap?: SandboxGap) {
    super(message)
    this.gap = gap
  }
}

export interface SandboxCommand {
  /** A line for the shell, or a program with its arguments. */
  readonly command: string | readonly string[]
  /** Absolute. Where it runs, and what it may write in unless `writable` says otherwise. */
  readonly folder: string
  /** Folders it may write in. Left out: `folder` alone; empty: nothing. */
  readonly writable?: readonly string[]
  /** Further files and folders it may read, such as the repository of a worktree or shared caches. */
  readonly readOnly?: readonly string[]
  /** Added to PATH, HOME, LANG and TERM; nothing of the server's own environment comes along. */
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: Partial<CommandLimits>
  /** Left out: it reaches no network. Else a proxy of the server and nothing besides, which lets through what is allowed. */
  readonly network?: Network | undefined
  readonly signal?: AbortSignal
  /** What it writes, decoded, as it comes; beyond `outputBytes` the middle is left out. */
  readonly onOutput?: (piece: OutputPiece) => void
}

export interface Network {
  /** Whether it may reach this host, given as `name:port`. */
  readonly allows: (host: string) => boolean
  /** Told of every wish, granted or not. */
  readonly onReach: (reached: Reached) => void
}

export type OutputPiece =
  | { readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** Here that many bytes were left out; what follows is the end of the output. */
  | { readonly stream: 'cut'; readonly bytes: number }

export interface CommandLimits {
  readonly wallMs: number
  /** Of one process, and of all together. */
  readonly memoryBytes: number
  readonly processes: number
  /** Output kept: the first half and the last. A command that writes 64 times as much is ended. */
  readonly outputBytes: number
  /** Of one file. */
  readonly fileBytes: number
  /** What the disk may lose while it runs; it is ended as well when less than a twentieth of it is free. */
  readonly diskBytes: number
}

export const defaultLimits: CommandLimits = {
  wallMs: 10 * 60_000,
  memoryBytes: 4 * 2 ** 30,
  processes: 512,
  outputBytes: 2 ** 20,
  fileBytes: 2 * 2 ** 30,
  diskBytes: 8 * 2 ** 30,
}

export interface CommandResult {
  /** Undefined when it was ended by a signal. */
  readonly exit: number | undefined
  readonly signal: string | undefined
  /** Why it was ended before its time. */
  readonly cut: Cut
  readonly durationMs: number
  /** All it wrote, and what of it was left out. */
  readonly outputBytes: number
  readonly droppedBytes: number
}

export type Cut = 'none' | 'time' | 'output' | 'memory' | 'processes' | 'disk' | 'stopped'

/** How much more than is kept a command may write before it is ended. */
export const floodFactor = 64
