import {
  Braces,
  File,
  FileCode2,
  FileImage,
  FileTerminal,
  FileText,
  Folder,
  FolderOpen,
  type LucideIcon,
  Palette,
} from 'lucide-react'

const byExtension: Readonly<Record<string, LucideIcon>> = {
  json: Braces,
  jsonc: Braces,
  css: Palette,
  scss: Palette,
  less: Palette,
  md: FileText,
  mdx: FileText,
  txt: FileText,
  png: FileImage,
  jpg: FileImage,
  jpeg: FileImage,
  gif: FileImage,
  svg: FileImage,
  webp: FileImage,
  ico: FileImage,
  sh: FileTerminal,
  bash: FileTerminal,
  zsh: FileTerminal,
}
const code =
  /\.(?:[cm]?[jt]sx?|html?|vue|svelte|py|rb|go|rs|java|kt|swift|c|cc|cpp|h|hpp|cs|php|lua|sql|ya?ml|toml|xml)$/

/** A quiet mark of what a file is; its name says it to readers. */
export function FileIcon({ path }: { readonly path: string }) {
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  const Icon = byExtension[extension] ?? (code.test(path.toLowerCase()) ? FileCode2 : File)
  return <Icon size={14} strokeWidth={1.5} aria-hidden className="shrink-0 text-n10" />
}

export function FolderIcon({ open }: { readonly open: boolean }) {
  const Icon = open ? FolderOpen : Folder
  return <Icon size={14} strokeWidth={1.5} aria-hidden className="shrink-0 text-n10" />
}
