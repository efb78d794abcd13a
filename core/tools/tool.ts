import { z } from 'zod'

/** The read-only tools of Live and Plan, as data; the server runs them. Arguments come from the model: checked before use. */
export const toolSchemas = {
  read_file: z.object({
    path: z.string().describe('Workspace-relative path.'),
    start_line: z.number().int().min(1).optional().describe('First line, from 1.'),
    end_line: z.number().int().min(1).optional().describe('Last line, inclusive.'),
  }),
  list_files: z.object({
    path: z.string().optional().describe('Folder, workspace-relative; the root when left out.'),
  }),
  search: z.object({
    query: z.string().describe('Text, or a regular expression when regex is true.'),
    regex: z.boolean().optional(),
    case_sensitive: z.boolean().optional(),
    include: z.string().optional().describe('Glob of paths to look in, such as src/**/*.ts.'),
  }),
} as const

export type ToolName = keyof typeof toolSchemas
export type ToolInput<N extends ToolName> = z.infer<(typeof toolSchemas)[N]>

export const toolDescriptions: Readonly<Record<ToolName, string>> = {
  read_file: 'Reads a text file of the workspace as it is now, with unsaved changes.',
  list_files: 'Lists one folder.',
  search: 'Searches the text of all files that git does not ignore.',
}

export function isToolName(name: string): name is ToolName {
  return Object.hasOwn(toolSchemas, name)
}
