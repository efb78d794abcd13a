/** `mod+shift+p`: `mod` is Command on a Mac and Control elsewhere; the last part is a key's name in lower case. */
export type Keys = string

interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

export function matchesKeys(event: Pressed, keys: Keys, options: { readonly mac: boolean }): boolean {
  const parts = keys.split('+')
  const key = parts.at(-1)
  const mod = parts.includes('mod')
  return (
    event.key.toLowerCase() === key &&
    (options.mac ? event.metaKey : event.ctrlKey) === mod &&
    !(options.mac ? event.ctrlKey : event.metaKey) &&
    // A character that needs Shift to be typed, as `?` does, says so by itself.
    (event.shiftKey === parts.includes('shift') || /^[^\w\s]$/.test(event.key)) &&
    event.altKey === parts.includes('alt')
  )
}

/** As people write it: `Ctrl+Shift+P`, `⇧⌘P`. */
export function showKeys(keys: Keys, options: { readonly mac: boolean }): string {
  const names = keys.split('+').map((part) => {
    if (part === 'mod') return options.mac ? '⌘' : 'Ctrl'
    if (part === 'shift') return options.mac ? '⇧' : 'Shift'
    if (part === 'alt') return options.mac ? '⌥' : 'Alt'
    if (part === 'escape') return 'Esc'
    return part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)
  })
  return names.join(options.mac ? '' : '+')
}

export function isMac(platform: string): boolean {
  return /mac|iphone|ipad/i.test(platform)
}
