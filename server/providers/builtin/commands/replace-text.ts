import { posix } from 'node:path'
import type { Where } from '../command.ts'
import { CannotDo, code, findFile, noSuchFile, plural, type Workbench } from './workbench.ts'

/** Replaces words literally, in one file or all. */
export function replaceText(bench: Workbench, from: string, to: string, where: Where): string {
  const { say, files } = bench
  const paths = placesOf(bench, where)
  let places = 0
  const changed: string[] = []
  for (const path of paths) {
    const text = files.read(path)
    if (text === undefined || !text.includes(from)) continue
    const pieces = text.split(from)
    places += pieces.length - 1
    files.write(path, pieces.join(to))
    changed.push(path)
  }
  const [only] = changed
  if (only === undefined) {
    const place =
      paths.length === 1 && paths[0] !== undefined ? code(paths[0]) : say('this workspace', '这个工作区')
    throw new CannotDo(
      say(`${code(from)} does not occur in ${place}.`, `${place} 中没有出现 ${code(from)}。`),
    )
  }
  const file = changed.length === 1 ? code(only) : undefined
  return to === ''
    ? say(
        `Removing ${code(from)}: ${plural(places, 'place')} in ${file ?? plural(changed.length, 'file')}.`,
        `删除 ${code(from)}：${file ?? `${changed.length} 个文件`}，${places} 处。`,
      )
    : say(
        `Replacing ${code(from)} with ${code(to)}: ${plural(places, 'place')} in ${file ?? plural(changed.length, 'file')}.`,
        `把 ${code(from)} 替换为 ${code(to)}：${file ?? `${changed.length} 个文件`}，${places} 处。`,
      )
}

function placesOf(bench: Workbench, where: Where): readonly string[] {
  const { activeFile } = bench.context
  if (where.kind === 'active' && activeFile !== undefined) return [activeFile]
  if (where.kind !== 'file')
    return bench.files.list().filter((path) => !/(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml)$/.test(path))
  const path = findFile(bench, where.path)
  if (path === undefined) throw noSuchFile(bench, where.path)
  return [path]
}

/** Adds a line at the end of a file, making it when it does not exist. */
export function append(bench: Workbench, line: string, name: string): string {
  const path = findFile(bench, name) ?? newPath(bench, name)
  const before = bench.files.read(path) ?? ''
  bench.files.write(path, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}${line}\n`)
  return bench.say(`Adding the line to ${code(path)}.`, `在 ${code(path)} 末尾添加这一行。`)
}

/** A path for a new file; refuses what would leave the workspace. */
export function newPath(bench: Workbench, name: string): string {
  const path = posix.normalize(name.trim().replace(/^\.\//, ''))
  const parts = path.split('/')
  if (
    path === '' ||
    path.endsWith('/') ||
    posix.isAbsolute(path) ||
    parts.some((part) => part === '..' || part.toLowerCase() === '.git')
  ) {
    throw new CannotDo(
      bench.say(`${code(name)} is not a path inside this workspace.`, `${code(name)} 不是工作区内的路径。`),
    )
  }
  return path
}
