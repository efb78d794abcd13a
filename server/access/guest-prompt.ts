import { RequestError } from '../../core/protocol/errors.ts'
import type { Mention, PromptContext } from '../../core/protocol/item.ts'

/** What a guest's prompt may bring along: files of the shared thread, and what their page already has. */
export function guestContext(context: PromptContext, shared: ReadonlySet<string>): PromptContext {
  const { activePath, selection, cursor, openPaths, mentions, from } = context
  const isHere = activePath !== undefined && shared.has(activePath)
  for (const mention of mentions ?? []) {
    if (!isShared(mention, shared)) {
      throw new RequestError('forbidden', 'This link is for one thread: only its own files can be mentioned.')
    }
  }
  return {
    openPaths: openPaths.filter((path) => shared.has(path)),
    ...(isHere && { activePath }),
    ...(isHere && selection && { selection }),
    ...(isHere && cursor && { cursor }),
    ...(mentions && { mentions }),
    // Words they have seen.
    ...(from !== undefined && { from }),
  }
}

function isShared(mention: Mention, shared: ReadonlySet<string>): boolean {
  switch (mention.kind) {
    case 'file':
    case 'selection':
      return shared.has(mention.path)
    case 'problems':
    case 'paste':
    case 'changes':
      return true
    // They reach through the whole workspace.
    case 'folder':
    case 'symbol':
    case 'thread':
      return false
  }
}
