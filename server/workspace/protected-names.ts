/** Characters that look like the letters of a protected name but survive compatibility normalisation. */
const lookAlikes: Readonly<Record<string, string>> = {
  ɡ: 'g',
  ԍ: 'g',
  і: 'i',
  ι: 'i',
  ӏ: 'i',
  т: 't',
  τ: 't',
  а: 'a',
  α: 'a',
  е: 'e',
  ε: 'e',
  ո: 'n',
  ԁ: 'd',
  м: 'm',
}

/**
 * The name as the most forgiving file system would read it: compatibility forms, marks, ignorable characters and case
 * folded, NTFS stream suffixes and trailing dots and spaces cut.
 */
export function foldName(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\p{Default_Ignorable_Code_Point}\p{C}\p{M}]/gu, '')
  const folded = plain.toUpperCase().toLowerCase().normalize('NFKC').replace(/\p{M}/gu, '')
  const latin = Array.from(folded, (char) => lookAlikes[char] ?? char).join('')
  return latin
    .trimStart()
    .replace(/:.*$/s, '')
    .replace(/[.\s]+$/u, '')
}

/** Git's own folder or file, and the server's; no tool reads or writes them, at any depth. */
export function isHiddenName(name: string): boolean {
  return /^(\.git|\.tandem|(git|tandem)~\d+)$/.test(foldName(name))
}

/** Files that steer the server: people may look at them, no tool writes them. */
export function isControlFile(name: string): boolean {
  return foldName(name) === 'tandem.config.json'
}
