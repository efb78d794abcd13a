import { editToolName } from '../../core/engine/tool-specs.ts'
import { isToolName } from '../../core/tools/tool.ts'

/** A model can call anything by any name; only those there are get out, so that no words of a model do. */
export function toolLabel(name: string): string {
  return name === editToolName || isToolName(name) ? name : 'unknown'
}
