import type { EditToken } from './edit-token.ts'
import type { FileEdit, FileEditOptions } from './file-edit.ts'
import { HunkWriter } from './hunk-writer.ts'
import { splitLines } from './line-match.ts'

/** `*** Add File`: one hunk that takes the place of whatever text there was. */
export function createAddedFile(options: FileEditOptions): FileEdit {
  const { target, path, nextHunkId, emit } = options
  let writer: HunkWriter | undefined

  function begin(): HunkWriter {
    const started = new HunkWriter({ target, path, hunkId: nextHunkId(), at: 0, startLine: 1 }, emit)
    writer = started
    return started
  }

  const former = target.text()
  if (former !== '') begin().remove(former, splitLines(former).length)

  return {
    take(token: EditToken) {
      if (token.type === 'addedStarts') (writer ?? begin()).beginLine()
      else if (token.type === 'addedText') writer?.text(token.text)
      else if (token.type === 'fileEnds') {
        writer?.complete()
        writer = undefined
      }
      return undefined
    },
    flush: () => writer?.flush(),
    drop: () => writer?.revert(),
  }
}
