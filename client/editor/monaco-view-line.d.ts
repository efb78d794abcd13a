// A part of Monaco that it does not type.
declare module 'monaco-editor/editor/browser/viewParts/viewLines/viewLine' {
  export const ViewLine: { readonly prototype: import('./plain-lines.ts').LineOnPage }
}
