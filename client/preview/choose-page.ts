/** The page a preview shows first: the active one, else the nearest above the active file, `index.html` before others. */
export function choosePage(pages: readonly string[], activePath: string | undefined): string | undefined {
  if (activePath !== undefined && pages.includes(activePath)) return activePath
  const from = activePath?.split('/').slice(0, -1) ?? []
  const rank = (page: string) => {
    const folder = page.split('/').slice(0, -1)
    const shared = folder.findIndex((part, index) => part !== from[index])
    const common = shared < 0 ? Math.min(folder.length, from.length) : shared
    // Steps up from the file and down to the page.
    const distance = from.length - common + (folder.length - common)
    return distance * 2 + (page.endsWith('index.html') ? 0 : 1)
  }
  return pages.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b))[0]
}
