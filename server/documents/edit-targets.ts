import { textOf } from '../../core/document/document-text.ts'
import type { FileKind } from '../../core/patch/edit.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import type { DocumentProblem } from './documents.ts'
import type { OpenDocument } from './open-document.ts'
import { visible, type WorkspaceDocuments } from './workspace-documents.ts'

export interface FileToEdit {
  readonly path: string
  readonly kind: FileKind
  readonly movedTo?: string
}

/** The document an edit goes into; `unopened` for a file that is no text and is to be deleted. */
export type EditTarget =
  | { readonly document: OpenDocument }
  | { readonly unopened: true }
  | { readonly problem: string }

/** Finds what an edit asks for. Problems are in apply_patch's words, for the model. */
export async function openEditTarget(
  documents: WorkspaceDocuments,
  file: FileToEdit,
  only: ReadonlySet<string> | undefined,
): Promise<EditTarget> {
  try {
    if (only && !(await isWithin(documents, file, only))) {
      return { problem: `${failed[file.kind]} ${file.path}: it is not shared with the guest who asks` }
    }
    switch (file.kind) {
      case 'add':
        return await openAdded(documents, file.path)
      case 'update':
        return await openUpdated(documents, file)
      case 'delete':
        return await openDeleted(documents, file.path)
    }
  } catch (error) {
    if (error instanceof RequestError)
      return { problem: `${failed[file.kind]} ${file.path}: ${error.message}` }
    throw error
  }
}

/** The document an edit that is set aside begins with; none for what is to be added, or is no text. Changes nothing. */
export async function readEditTarget(
  documents: WorkspaceDocuments,
  file: FileToEdit,
  only: ReadonlySet<string> | undefined,
): Promise<{ readonly document?: OpenDocument } | { readonly problem: string }> {
  if (file.kind !== 'add') {
    const found = await openEditTarget(documents, file, only)
    return 'unopened' in found ? {} : found
  }
  if (only && !(await isWithin(documents, file, only)))
    return { problem: `${failed.add} ${file.path}: it is not shared with the guest who asks` }
  const opened = visible(await documents.open(file.path))
  return opened.ok ? { document: opened.value } : {}
}

/** The file is one of them, or a new one; so is the place it is moved to. */
async function isWithin(
  documents: WorkspaceDocuments,
  { path, kind, movedTo }: FileToEdit,
  only: ReadonlySet<string>,
): Promise<boolean> {
  const isFree = async (place: string) => {
    const there = visible(await documents.open(place))
    return !there.ok && there.error.kind === 'notFound'
  }
  if (!only.has(path) && !(kind === 'add' && (await isFree(path)))) return false
  return movedTo === undefined || only.has(movedTo) || (await isFree(movedTo))
}

async function openAdded(documents: WorkspaceDocuments, path: string): Promise<EditTarget> {
  await documents.workspace.guard.forWrite(path)
  const opened = await documents.open(path)
  if (!opened.ok) {
    if (opened.error.kind === 'notFound') return { document: await documents.create(path) }
    return { problem: `${failed.add} ${path}: ${words(opened.error)}` }
  }
  const document = opened.value
  if (document.readOnly) return { problem: `${failed.add} ${path}: it is read-only` }
  if (!document.mirror.isAbsent) return { document }
  document.expectFile()
  const text = textOf(document.doc)
  // What an earlier file of that name held is not what this one begins with.
  if (!document.isInUse && text.length > 0) text.delete(0, text.length)
  return { document }
}

async function openUpdated(
  documents: WorkspaceDocuments,
  { path, movedTo }: FileToEdit,
): Promise<EditTarget> {
  const opened = visible(await documents.open(path))
  if (!opened.ok) return { problem: `${failed.update} ${path}: ${words(opened.error)}` }
  if (opened.value.readOnly) return { problem: `${failed.add} ${path}: it is read-only` }
  if (movedTo !== undefined) {
    await documents.workspace.guard.forWrite(movedTo)
    const there = await documents.open(movedTo)
    if (!there.ok && there.error.kind !== 'notFound') {
      return { problem: `${failed.add} ${movedTo}: ${words(there.error)}` }
    }
  }
  return { document: opened.value }
}

async function openDeleted(documents: WorkspaceDocuments, path: string): Promise<EditTarget> {
  await documents.workspace.guard.forEntry(path)
  const opened = visible(await documents.open(path))
  if (opened.ok) return { document: opened.value }
  return opened.error.kind === 'notFound' ? { problem: `${failed.delete} ${path}` } : { unopened: true }
}

const failed: Readonly<Record<FileKind, string>> = {
  add: 'Failed to write file',
  update: 'Failed to read file to update',
  delete: 'Failed to delete file',
}

function words(problem: DocumentProblem): string {
  switch (problem.kind) {
    case 'notFound':
      return 'No such file or directory (os error 2)'
    case 'binary':
      return 'it is a binary file'
    case 'notUtf8':
      return 'stream did not contain valid UTF-8'
    case 'tooLarge':
      return `it has ${problem.size} bytes; at most ${problem.limit} can be edited`
  }
}
