const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const tests = '([.]test[.]ts$|^(core|server)/testing/|[.]contract[.]ts$)'

/** The architecture as executable rules: docs/decisions/0001-layers.md. */
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule('no-cycles', 'A cycle is two modules pretending to be one.', {}, { circular: true }),
    rule(
      'core-is-pure',
      'core runs in browser, server and tests: yjs and zod are its only packages.',
      { path: '^core/', pathNot: tests },
      { pathNot: ['^core/', '(^|/)node_modules/(zod|yjs|lib0)/'] },
    ),
    rule(
      'lib-is-bottom',
      'lib knows nobody.',
      { path: '^core/lib/', pathNot: tests },
      { path: '^core/', pathNot: '^core/lib/' },
    ),
    rule(
      'protocol-above-lib',
      'The protocol knows nobody but core/lib.',
      { path: '^core/protocol/', pathNot: tests },
      { path: '^core/', pathNot: '^core/(protocol|lib)/' },
    ),
    rule(
      'engine-is-top-of-core',
      'state, patch, document and tools are used by the engine, not the reverse.',
      { path: '^core/(lib|protocol|state|patch|document|tools)/', pathNot: tests },
      { path: '^core/engine/' },
    ),
    rule(
      'browser-and-server-meet-only-in-core',
      'They talk through the protocol, never by import.',
      { path: '^(client|components|app)/' },
      { path: '^server/' },
    ),
    rule(
      'server-and-browser-meet-only-in-core',
      'Same rule, other direction.',
      { path: '^server/' },
      { path: '^(client|components|app)/' },
    ),
    rule(
      'client-below-components',
      'Panes import client/, never the reverse.',
      { path: '^client/' },
      { path: '^(components|app)/' },
    ),
    rule('components-below-app', 'Panes do not know routes.', { path: '^components/' }, { path: '^app/' }),
    rule(
      'providers-are-leaves',
      'A provider maps one API to ModelEvents; it sees core, providers and the port of timers only.',
      { path: '^server/providers/', pathNot: tests },
      { path: '^server/', pathNot: ['^server/providers/', '^server/timers[.]ts$'] },
    ),
    rule(
      'ports-not-implementations',
      'Only main.ts and server.ts know which provider, store and sandbox are in use.',
      {
        path: '^server/',
        pathNot: [
          '^server/(?:main|server)[.]ts$',
          '^server/providers/',
          '^server/store/',
          '^server/sandbox/',
          tests,
        ],
      },
      {
        path: '^server/(providers/[^/]+/|providers/registry|store/(sqlite|postgres)|sandbox/(bwrap|unsafe))',
      },
    ),
    rule(
      'monaco-stays-in-client-editor',
      'One place owns Monaco; its React wrapper lives in components/editor.',
      { path: '^(core|server|client|components|app)/', pathNot: ['^client/editor/', '^components/editor/'] },
      { path: '(^|/)node_modules/(monaco-editor|@monaco-editor)/' },
    ),
    rule(
      'ws-stays-at-the-socket-edge',
      'One place accepts sockets, one dials them.',
      {
        path: '^(core|server|client|components|app)/',
        pathNot: ['^server/relay/ws-transport[.]ts$', '^server/providers/upstream-socket[.]ts$', tests],
      },
      { path: 'node_modules/ws/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^server/sample-project/', '^[.]next/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
