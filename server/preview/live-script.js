// Runs inside every previewed page, on an opaque origin. Listens to the embedding page alone.
;(() => {
  const script = document.currentScript
  const appOrigin = new URL(script.src).origin
  const base = new URL('..', script.src).href
  const styles = new Map()

  function tell(message) {
    if (window.parent !== window) window.parent.postMessage(message, appOrigin)
  }

  function pathOf(url) {
    const { href } = new URL(url, location.href)
    const plain = href.replace(/[?#].*$/s, '')
    if (!plain.startsWith(base)) return undefined
    const path = decodeURIComponent(plain.slice(base.length))
    return path === '' || path.endsWith('/') ? `${path}index.html` : path
  }

  function urlOf(path) {
    return base + path.split('/').map(encodeURIComponent).join('/')
  }

  /** `/x` in a page means the top of the workspace, not of the server. */
  function resolve(reference, from) {
    if (/^\/(?!\/)/.test(reference) && !reference.startsWith(new URL(base).pathname)) {
      return base + reference.slice(1)
    }
    return new URL(reference, from).href
  }

  function rebase(text, from) {
    const absolute = (reference) =>
      /^(#|data:|blob:|https?:)/i.test(reference) || reference === '' ? reference : resolve(reference, from)
    return text
      .replace(/url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^)"'\s]*))\s*\)/gi, (whole, double, single, bare) => {
        const reference = double ?? single ?? bare
        return /["\\\n]/.test(reference) ? whole : `url("${absolute(reference)}")`
      })
      .replace(/(@import\s+)(["'])([^"'\\\n]*)\2/gi, (_, start, quote, reference) => {
        return start + quote + absolute(reference) + quote
      })
  }

  function findLink(path) {
    for (const link of document.querySelectorAll('link[rel~="stylesheet"][href]')) {
      if (pathOf(link.href) === path) return link
    }
    return undefined
  }

  function showCss(path, text) {
    const known = styles.get(path)
    if (known?.isConnected) {
      known.textContent = rebase(text, urlOf(path))
      return
    }
    const link = findLink(path)
    if (link === undefined) {
      // Perhaps another style sheet imports it.
      if (performance.getEntriesByType('resource').some((entry) => pathOf(entry.name) === path)) reloadSoon()
      return
    }
    const style = document.createElement('style')
    if (link.media) style.media = link.media
    style.textContent = rebase(text, urlOf(path))
    link.after(style)
    // Stays in the page, for scripts that know it, but says nothing any more.
    link.disabled = true
    styles.set(path, style)
  }

  let reloading
  function reloadSoon() {
    clearTimeout(reloading)
    reloading = setTimeout(reload, 200)
  }

  function reload() {
    // An opaque origin has no storage, and its history forgets; the window's name is all that lasts.
    window.name = JSON.stringify({ tandemScroll: [scrollX, scrollY], name: window.name })
    location.reload()
  }

  function takeScroll() {
    try {
      const { tandemScroll, name } = JSON.parse(window.name)
      if (!Array.isArray(tandemScroll)) return undefined
      window.name = name
      return tandemScroll
    } catch {
      return undefined
    }
  }

  const place = takeScroll()
  function restoreScroll() {
    if (place !== undefined) scrollTo({ left: place[0], top: place[1], behavior: 'instant' })
  }

  window.addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || origin !== appOrigin || typeof data !== 'object' || data === null) return
    if (data.tandem === 'css') showCss(String(data.path), String(data.text))
    else if (data.tandem === 'reload') reload()
    else if (data.tandem === 'html' && data.path === pathOf(location.href)) reload()
  })

  // On the way up, so that the page's own handlers decide first.
  window.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    if (link === null || event.defaultPrevented || event.button !== 0) return
    const reference = link.getAttribute('href')
    if (reference.startsWith('#')) return
    event.preventDefault()
    const target = resolve(reference, document.baseURI)
    if (target.startsWith(base)) location.href = target
    else tell({ tandem: 'external', url: target })
  })

  document.addEventListener('DOMContentLoaded', () => {
    restoreScroll()
    tell({ tandem: 'ready', path: pathOf(location.href) })
  })
  window.addEventListener('load', restoreScroll)
})()
