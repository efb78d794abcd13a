// node --import scripts/lib/without-pages.mjs: the server without its pages, so that a test of it needs no build.
import { registerHooks } from 'node:module'

const pages = `export default () => ({
  prepare: async () => {},
  getRequestHandler: () => (_request, response) => response.end(),
  getUpgradeHandler: () => () => {},
})`

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'next') return next(specifier, context)
    return { url: `data:text/javascript,${encodeURIComponent(pages)}`, shortCircuit: true }
  },
})
