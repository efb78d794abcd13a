/** A file or folder that has another path now. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** Where the text of a file is that another one was moved over: where no file is, until that move is undone. */
export function replacedPlace(moveId: string, path: string): string {
  return `${replaced}${moveId}/${path}`
}

const replaced = '//replaced/'

export function isReplaced(place: string): boolean {
  return place.startsWith(replaced)
}

/** The path that file had. */
export function replacedPath(place: string): string {
  return place.slice(place.indexOf('/', replaced.length) + 1)
}

/** It is the file, or in the folder. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

export function movedPath(path: string, { from, to }: Move): string {
  return isWithin(path, from) ? to + path.slice(from.length) : path
}
