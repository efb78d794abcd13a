import { editToolName } from '../../core/engine/tool-specs.ts'
import { agentToolSchemas, judgeToolSchemas } from '../../core/tools/agent-tools.ts'
import { jobToolSchemas, liveToolSchemas, toolSchemas } from '../../core/tools/tool.ts'

const tables = [toolSchemas, jobToolSchemas, liveToolSchemas, agentToolSchemas, judgeToolSchemas]
const known = new Set([editToolName, ...tables.flatMap((table) => Object.keys(table))])

/** A model can call anything by any name; only those there are get out, so that no words of a model do. */
export function toolLabel(name: string): string {
  return known.has(name) ? name : 'unknown'
}
