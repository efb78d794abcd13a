import { assertNever } from '../../../../core/lib/assert-never.ts'
import type { Command } from '../command.ts'
import { convert } from './convert.ts'
import { create } from './create.ts'
import { explain } from './explain.ts'
import { extract } from './extract.ts'
import { fixErrors } from './fix-errors.ts'
import { organizeImports } from './imports.ts'
import { inferTypes } from './infer-types.ts'
import { addElement, setText } from './page-content.ts'
import { rename } from './rename.ts'
import { append, replaceText } from './replace-text.ts'
import { restyle } from './style.ts'
import { usages } from './usages.ts'
import type { Workbench } from './workbench.ts'

/** Commands that work on the workspace; the others are answered without it. */
export type WorkspaceCommand = Exclude<Command, { type: 'undo' | 'connect' | 'help' }>

/** Does what was asked as drafts in `bench.files` and says what that is. Throws CannotDo when it cannot. */
export function runCommand(bench: Workbench, command: WorkspaceCommand): string {
  switch (command.type) {
    case 'rename':
      return rename(bench, command.from, command.to)
    case 'extract':
      return extract(bench, command)
    case 'organizeImports':
      return organizeImports(bench, command.where)
    case 'fixErrors':
      return fixErrors(bench, command.where)
    case 'inferTypes':
      return inferTypes(bench, command.where)
    case 'convert':
      return convert(bench, command)
    case 'replace':
      return replaceText(bench, command.from, command.to, command.where)
    case 'append':
      return append(bench, command.text, command.path)
    case 'explain':
      return explain(bench, command.subject)
    case 'usages':
      return usages(bench, command.symbol)
    case 'create':
      return create(bench, command.kind, command.name)
    case 'style':
      return restyle(bench, command.subject, command.change)
    case 'setText':
      return setText(bench, command.subject, command.text)
    case 'addElement':
      return addElement(bench, command.tag, command.text, command.inside)
    default:
      return assertNever(command, 'command')
  }
}
