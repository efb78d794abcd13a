/** Path of the live script below a preview's base. */
export const liveScriptPath = '__tandem/live.js'

/** The page with the live script before any other, and with `/x` meaning the top of the workspace. */
export function livePage(html: string, base: string): string {
  const at = injectionPoint(html)
  const rest = rebaseRoots(html.slice(at), base)
  return `${html.slice(0, at)}<script src="${base}${liveScriptPath}"></script>${rest}`
}

/** `url(/x)` likewise. */
export function liveStyle(css: string, base: string): string {
  return css.replace(/(url\(\s*["']?|@import\s+["'])\/(?!\/)/gi, `$1${base}`)
}

/** Behind `<head>` or what there is of the beginning: before it, a browser would take the page for one without a doctype. */
function injectionPoint(html: string): number {
  const gap = '(?:\\s|\\uFEFF|<!--[^]*?-->)*'
  const beginning = new RegExp(
    `^${gap}(?:<!doctype[^>]*>)?${gap}(?:<html(?:\\s[^>]*)?>)?${gap}(?:<head(?:\\s[^>]*)?>)?`,
    'i',
  )
  return beginning.exec(html)?.[0].length ?? 0
}

function rebaseRoots(html: string, base: string): string {
  return html.replace(/(\s(?:src|href|poster|data)\s*=\s*["']?)\/(?!\/)/gi, `$1${base}`)
}
