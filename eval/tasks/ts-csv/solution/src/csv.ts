/** Rows of fields. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      const begun = line
      at += 1
      for (;;) {
        if (at >= text.length) throw new Error(`The quote of line ${begun} is never closed.`)
        if (text[at] === '"') {
          if (text[at + 1] !== '"') break
          at += 1
        } else if (text[at] === '\n') line += 1
        field += text[at]
        at += 1
      }
      at += 1
    }
    while (at < text.length && text[at] !== ',' && text[at] !== '\n' && !text.startsWith('\r\n', at)) {
      field += text[at]
      at += 1
    }
    row.push(field)
    if (text[at] === ',') {
      at += 1
      if (at === text.length) row.push('')
      else continue
    }
    rows.push(row)
    row = []
    if (text[at] === '\r') at += 1
    if (text[at] === '\n') {
      at += 1
      line += 1
    }
  }
  return rows
}
