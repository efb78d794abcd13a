import type { Where } from '../command.ts'
import { draftChanges, formatOf, preferences } from './code-edits.ts'
import { code, codeFiles, plural, type Workbench } from './workbench.ts'

/** Sorts imports and removes the unused ones. */
export function organizeImports(bench: Workbench, where: Where): string {
  const paths = codeFiles(bench, where)
  let changed = 0
  for (const path of paths) {
    const project = bench.code.forFile(path)
    const before = bench.files.read(path)
    if (!project || before === undefined || !/\b(?:import|export)\b/.test(before)) continue
    const edits = project.service.organizeImports(
      { type: 'file', fileName: bench.files.absolute(path) },
      formatOf(before),
      preferences,
    )
    draftChanges(bench.files, edits)
    if (bench.files.read(path) !== before) changed++
  }
  const [only] = paths
  const named = paths.length === 1 && only !== undefined ? code(only) : undefined
  if (changed === 0) {
    return bench.say(
      `The imports${named ? ` of ${named}` : ''} are in order already.`,
      `${named ? `${named} 的` : ''}导入已经是整齐的。`,
    )
  }
  return bench.say(
    `Organising the imports of ${named ?? plural(changed, 'file')}: sorted, unused ones removed.`,
    `整理 ${named ?? `${changed} 个文件`} 的导入：已排序并去掉未使用的项。`,
  )
}
