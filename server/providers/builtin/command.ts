/** What a person can ask the assistant for. */
export type Command =
  /** Without `from`: the symbol at the cursor. */
  | { readonly type: 'rename'; readonly from?: string; readonly to: string }
  /** Without `code`: the selection. */
  | { readonly type: 'extract'; readonly what: ExtractKind; readonly name?: string; readonly code?: string }
  | { readonly type: 'organizeImports'; readonly where: Where }
  | { readonly type: 'fixErrors'; readonly where: Where }
  | { readonly type: 'inferTypes'; readonly where: Where }
  | { readonly type: 'convert'; readonly to: ConvertKind; readonly symbol?: string; readonly where: Where }
  | { readonly type: 'replace'; readonly from: string; readonly to: string; readonly where: Where }
  | { readonly type: 'append'; readonly text: string; readonly path: string }
  /** Without a subject: what the cursor is on, else the active file. */
  | { readonly type: 'explain'; readonly subject?: string }
  | { readonly type: 'usages'; readonly symbol?: string }
  | { readonly type: 'create'; readonly kind: CreateKind; readonly name: string }
  | { readonly type: 'style'; readonly subject: string; readonly change: StyleChange }
  /** New text for an element of a page. */
  | { readonly type: 'setText'; readonly subject: string; readonly text: string }
  | { readonly type: 'addElement'; readonly tag: 'p' | 'li'; readonly text: string; readonly inside?: string }
  | { readonly type: 'undo' }
  | { readonly type: 'connect' }
  | { readonly type: 'help' }

export type ExtractKind = 'function' | 'constant' | 'type'
export type ConvertKind = 'arrow' | 'function' | 'import' | 'template' | 'named' | 'default' | 'async'
export type CreateKind = 'component' | 'test' | 'page' | 'stylesheet' | 'module' | 'file'

/** `active`: the file being looked at. */
export type Where =
  | { readonly kind: 'active' }
  | { readonly kind: 'everywhere' }
  | { readonly kind: 'file'; readonly path: string }

export type StyleChange =
  | { readonly kind: 'set'; readonly property: string; readonly value: string }
  /** A colour for whatever carries the element's colour: its background or its text. */
  | { readonly kind: 'colour'; readonly value: string }
  /** `size` is the font of words and the box of everything else. */
  | { readonly kind: 'scale'; readonly property: string; readonly factor: number }
  | { readonly kind: 'shade'; readonly toward: 'black' | 'white' }
