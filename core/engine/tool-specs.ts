import { z } from 'zod'
import type { ModelDescription } from '../protocol/model.ts'
import type { ThreadState } from '../protocol/thread.ts'
import {
  agentToolDescriptions,
  agentToolSchemas,
  judgeToolDescriptions,
  judgeToolSchemas,
} from '../tools/agent-tools.ts'
import {
  jobToolDescriptions,
  jobToolSchemas,
  liveToolDescriptions,
  liveToolSchemas,
  toolDescriptions,
  toolSchemas,
} from '../tools/tool.ts'
import type { ToolSpec } from './model-stream.ts'

export const editToolName = 'apply_patch'

/** The apply_patch language for models whose custom tools take a grammar (lark). */
const patchGrammar = `start: begin hunk+ end
begin: "*** Begin Patch" LF
end: "*** End Patch" LF?
hunk: add | delete | update
add: "*** Add File: " NAME LF ("+" LINE? LF)*
delete: "*** Delete File: " NAME LF
update: "*** Update File: " NAME LF move? chunk*
move: "*** Move to: " NAME LF
chunk: (HEADER LF)? line+ eof?
line: ("+" | "-" | " ") LINE? LF
eof: "*** End of File" LF
HEADER: "@@" /[^\\n]*/
NAME: /[^\\n]+/
LINE: /[^\\n]+/
%import common.LF
`

const patchDescription = `Edits files. Write the smallest patch that does the job:
*** Begin Patch
*** Update File: path
@@ a line above the change that tells where
 context line
-removed line
+added line
*** End Patch
Also "*** Add File: path" with + lines, "*** Delete File: path", and "*** Move to: path" under an Update header. Three context lines around a change are enough; context and removed lines must match the file exactly. Paths are workspace-relative.`

// Made once: the same value in every request also keeps the prompt's stable head stable.
const readingTools = specsOf(toolSchemas, toolDescriptions)
const liveTools = specsOf(liveToolSchemas, liveToolDescriptions)
const jobTools = specsOf(jobToolSchemas, jobToolDescriptions)
const judgeTools = specsOf(judgeToolSchemas, judgeToolDescriptions)
const agentTools = specsOf(agentToolSchemas, agentToolDescriptions)

function specsOf(
  schemas: Readonly<Record<string, z.ZodType>>,
  descriptions: Readonly<Record<string, string>>,
): readonly ToolSpec[] {
  return Object.entries(schemas).map(([name, schema]) => {
    const { $schema: _, ...json } = z.toJSONSchema(schema)
    return { name, description: descriptions[name] ?? '', format: 'json', schema: json }
  })
}

const customEdit: ToolSpec = {
  name: editToolName,
  description: patchDescription,
  format: 'freeform',
  grammar: patchGrammar,
}
const functionEdit: ToolSpec = {
  name: editToolName,
  description: patchDescription,
  format: 'json',
  schema: {
    type: 'object',
    properties: { input: { type: 'string', description: 'The whole patch.' } },
    required: ['input'],
    additionalProperties: false,
  },
}
// Who writes and counts requests knows tools by being the same value, and does so once.
const writing = {
  custom: offers(customEdit),
  function: offers(functionEdit),
}

function offers(edit: ToolSpec): {
  readonly live: readonly ToolSpec[]
  readonly background: readonly ToolSpec[]
} {
  const always = [edit, ...readingTools]
  return { live: [...always, ...liveTools], background: [...always, ...jobTools, ...agentTools] }
}

/** Whether the thread's model may change files. */
export function mayWrite({ mode, part }: Pick<ThreadState, 'mode' | 'part'>): boolean {
  return mode !== 'plan' && part !== 'reader' && part !== 'judge'
}

/** What the model may use: reading always, editing where it may write, nothing when it writes its edits as text. */
export function toolSpecs(
  model: ModelDescription,
  thread: Pick<ThreadState, 'mode' | 'part'>,
): readonly ToolSpec[] {
  if (model.tools === 'none') return []
  if (thread.part === 'judge') return [...readingTools, ...judgeTools]
  if (!mayWrite(thread)) return readingTools
  return writing[model.tools][thread.mode === 'live' ? 'live' : 'background']
}
