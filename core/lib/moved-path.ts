/** A file or folder that has another path now. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** It is the file, or in the folder. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

export function movedPath(path: string, { from, to }: Move): string {
  return isWithin(path, from) ? to + path.slice(from.length) : path
}
