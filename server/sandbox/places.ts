import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { innerRepositories } from './inner-repositories.ts'
import type { Placeholders } from './placeholders.ts'
import { type SandboxCommand, SandboxError } from './runner.ts'

/** What of the machine's files one command is given; every path absolute, with its links resolved. */
export interface Places {
  readonly folder: string
  readonly writable: readonly string[]
  readonly readOnly: readonly string[]
  /** Inside writable folders: there, and not to be changed. */
  readonly protectedPaths: readonly string[]
  /** Out of sight wherever they would be seen: the server's data above all. */
  readonly hidden: readonly string[]
}

/** Steers a server only in the place where that server looks for it; elsewhere people may have commands make one. */
const steering = /\/tandem\.config\.json$/

/** Names that are to be kept from being made are held until `release`. */
export function placesOf(
  command: SandboxCommand,
  { hidden, placeholders }: { readonly hidden: readonly string[]; readonly placeholders: Placeholders },
): Places & { release(): void } {
  const folder = resolveFolder(command.folder)
  const writable = (command.writable ?? [folder]).map(resolveFolder)
  const readOnly = (command.readOnly ?? []).map(resolveFolder)
  const names = writable.flatMap((outer) => protectedNames.map((name) => protectedPath(outer, name)))
  const taken = [...names.filter((path) => !steering.test(path)), ...hidden].filter((path) =>
    writable.some((outer) => isWithin(path, outer)),
  )
  const held = taken
    .filter((path) => !existsSync(path) || placeholders.has(path))
    .filter((path) => placeholders.hold(path))
  return {
    folder,
    writable,
    readOnly,
    // Each once: a container is mounted no place twice.
    protectedPaths: [...new Set([...names, ...held, ...writable.flatMap(innerRepositories)])].filter((path) =>
      existsSync(path),
    ),
    hidden: hidden.filter((path) => existsSync(path)).map((path) => realpathSync.native(path)),
    release() {
      for (const path of held) placeholders.release(path)
    },
  }
}

/** Outer folders before what lies in them, so that the inner one decides. */
export function shownFolders({ writable, readOnly, folder }: Places): readonly string[] {
  return [...new Set([...writable, ...readOnly, folder])].sort((a, b) => a.length - b.length)
}

/** What would be seen in a folder that is shown, and must not. */
export function hiddenInside(places: Places): readonly string[] {
  const shown = shownFolders(places)
  return places.hidden.filter(
    (path) => !places.protectedPaths.includes(path) && shown.some((outer) => isWithin(path, outer)),
  )
}

/** The folder as the kernel knows it, or why it cannot be given to a command. */
function resolveFolder(path: string): string {
  try {
    const real = realpathSync.native(path)
    if (dirname(real) === real)
      throw new SandboxError(`A command cannot be given ${real}: it is the whole disk.`)
    return real
  } catch (error) {
    if (error instanceof SandboxError) throw error
    throw new SandboxError(`A command cannot run in ${path}: there is no such folder.`)
  }
}

/** Names at the top of a writable folder that steer git or the server; a command never changes or makes them. */
const protectedNames = ['.git', '.tandem', 'tandem.config.json']

function protectedPath(folder: string, name: string): string {
  const path = join(folder, name)
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SandboxError(
      `Commands do not run in ${folder}: its ${name} is a link, which cannot be protected.`,
    )
  }
  return path
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
