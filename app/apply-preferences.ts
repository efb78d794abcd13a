/** Puts the remembered theme, density and language on the root element; the workbench keeps them up to date later. */
export const applyPreferencesScript = `
try {
  var root = document.documentElement
  var kept = JSON.parse(localStorage.getItem('tandem.layout') || '{}')
  if (kept.theme === 'light' || kept.theme === 'dark') root.dataset.theme = kept.theme
  if (kept.density === 'comfortable') root.dataset.density = kept.density
  var zh = kept.language === 'zh' || (kept.language !== 'en' && /^zh/i.test(navigator.language))
  root.lang = zh ? 'zh-CN' : 'en'
} catch {}
`
