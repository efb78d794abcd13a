import type { languageFeatures } from './monaco-bundle.ts'

/**
 * The worker sees the open files and nothing else: no packages, no tsconfig, no ambient types. Complaints that only
 * say so are kept away, and so are those about members: where a base type comes from a file that is not open, every
 * inherited member looks missing. What is wrong in the file itself (syntax, its own values and calls) is shown.
 */
const unknownSurroundings = [
  2307, // Cannot find module
  2792, // the same, with advice about moduleResolution
  7016, // no declaration file for module
  2305, // module has no exported member: it may be an older text of a file that is not open
  2580, // Cannot find name 'process', 'require' …
  2582, // Cannot find name 'test', 'describe' …
  2584, // Cannot find name 'console': the project may have another lib
  2591, // like 2580
  2593, // like 2582
  2686, // 'React' refers to a UMD global
  5097, // import path ends with .ts
  2339, // property does not exist: it may be inherited
  2551, // the same, with a suggestion
  2353, // object literal may only specify known properties
  2420, // class incorrectly implements interface
  2515, // abstract member is not implemented
  4112, // override without a known base
  4113, // the same
  7006, // implicit any: its context is elsewhere
  7031, // the same, of a binding
]

/** Elements and components of whatever library: what they take is unknown here, so anything goes. */
const anyJsx = `declare namespace JSX {
  type Element = any
  interface IntrinsicElements { [name: string]: any }
  interface IntrinsicAttributes { [name: string]: any }
  interface ElementChildrenAttribute { children: {} }
}`

export function configureLanguages({ json, typescript }: typeof languageFeatures): void {
  const { JsxEmit, ModuleKind, ModuleResolutionKind, ScriptTarget } = typescript
  for (const defaults of [typescript.typescriptDefaults, typescript.javascriptDefaults]) {
    defaults.setCompilerOptions({
      target: ScriptTarget.ESNext,
      module: ModuleKind.ESNext,
      moduleResolution: ModuleResolutionKind.NodeJs,
      jsx: JsxEmit.Preserve,
      // The project's own strictness is unknown: the lenient one has no false alarms but for null.
      strictNullChecks: true,
      // Two files that are open at once are not one program: their top-level names must not clash.
      moduleDetection: 3,
      allowJs: true,
      checkJs: false,
      allowImportingTsExtensions: true,
      allowNonTsExtensions: true,
      experimentalDecorators: true,
      esModuleInterop: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      noEmit: true,
    })
    defaults.setDiagnosticsOptions({
      noSemanticValidation: false,
      noSyntaxValidation: false,
      noSuggestionDiagnostics: true,
      onlyVisible: true,
      diagnosticCodesToIgnore: unknownSurroundings,
    })
    defaults.addExtraLib(anyJsx, 'file:///tandem/jsx.d.ts')
    // So that one open file sees what another exports.
    defaults.setEagerModelSync(true)
  }
  json.jsonDefaults.setDiagnosticsOptions({
    validate: true,
    // A file could name any address as its schema: nothing is ever fetched.
    enableSchemaRequest: false,
    schemaRequest: 'ignore',
    schemas: [],
    // tsconfig.json and its like are JSON with comments.
    allowComments: true,
    comments: 'ignore',
    trailingCommas: 'warning',
  })
}
