/** What the frame shows in the place of a page that is not there, with those that are. */
export function notFoundPage(path: string, pages: readonly string[]): string {
  const missing = path === '' || path.endsWith('/') ? `${path}index.html` : path
  const list = pages.map((page) => {
    const href = `/${page.split('/').map(encodeURIComponent).join('/')}`
    return `<li><a href="${escapeHtml(href)}">${escapeHtml(page)}</a></li>`
  })
  const others =
    list.length > 0
      ? `<p>Pages of this workspace:</p><ul>${list.join('')}</ul>`
      : '<p>This workspace has no HTML page yet. Ask for one, and it appears here.</p>'
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found</title>
<style>body{font:14px/1.6 system-ui,sans-serif;margin:3rem auto;max-width:36rem;padding:0 1rem;color-scheme:light dark}</style>
<h1>There is no ${escapeHtml(missing)}</h1>${others}</html>`
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (char) => names[char] ?? char)
}
