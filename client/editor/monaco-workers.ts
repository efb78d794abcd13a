/** Monaco has no fallback: every label it asks for must be answered. The literal URLs are what the bundler looks for. */
export function startMonacoWorker(label: string): Worker {
  switch (label) {
    case 'typescript':
    case 'javascript':
      return new Worker(new URL('./workers/ts.worker.ts', import.meta.url), {
        type: 'module',
        name: 'typescript',
      })
    case 'json':
      return new Worker(new URL('./workers/json.worker.ts', import.meta.url), {
        type: 'module',
        name: 'json',
      })
    case 'css':
    case 'scss':
    case 'less':
      return new Worker(new URL('./workers/css.worker.ts', import.meta.url), { type: 'module', name: 'css' })
    case 'html':
    case 'handlebars':
    case 'razor':
      return new Worker(new URL('./workers/html.worker.ts', import.meta.url), {
        type: 'module',
        name: 'html',
      })
    default:
      return new Worker(new URL('./workers/editor.worker.ts', import.meta.url), {
        type: 'module',
        name: 'editor',
      })
  }
}
