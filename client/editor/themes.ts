import type { Monaco } from './monaco.ts'

/** Colours of highlighted words, the same as in answers: few, all at least 4.5:1. */
const words = {
  dark: {
    keyword: 'c99af0',
    string: '8fcf9f',
    number: 'e5a86b',
    title: '83b8f5',
    type: '6ecbd6',
    comment: '858c99',
  },
  light: {
    keyword: '8a3fb8',
    string: '1f7043',
    number: 'a34a00',
    title: '1a5fb0',
    type: '0b6f7d',
    comment: '626a77',
  },
} as const

export type ThemeSide = keyof typeof words

/** Draws the editor's theme from the page's tokens as they are now, and puts it on. */
export function applyTheme(monaco: Monaco, side: ThemeSide): void {
  const name = `tandem-${side}`
  const read = createTokenReader()
  const word = words[side]
  const text = read('n11')
  monaco.editor.defineTheme(name, {
    base: side === 'dark' ? 'vs-dark' : 'vs',
    inherit: true,
    rules: [
      { token: '', foreground: text.slice(1) },
      { token: 'comment', foreground: word.comment, fontStyle: 'italic' },
      { token: 'keyword', foreground: word.keyword },
      { token: 'string', foreground: word.string },
      { token: 'string.key', foreground: word.title },
      { token: 'string.escape', foreground: word.number },
      { token: 'regexp', foreground: word.number },
      { token: 'number', foreground: word.number },
      { token: 'constant', foreground: word.number },
      { token: 'type', foreground: word.type },
      { token: 'type.identifier', foreground: word.type },
      { token: 'identifier', foreground: text.slice(1) },
      { token: 'delimiter', foreground: read('n10').slice(1) },
      { token: 'tag', foreground: word.keyword },
      { token: 'metatag', foreground: word.comment },
      { token: 'attribute.name', foreground: word.title },
      { token: 'attribute.value', foreground: word.string },
      { token: 'attribute.value.number', foreground: word.number },
      { token: 'attribute.value.unit', foreground: word.number },
      { token: 'attribute.value.hex', foreground: word.number },
      { token: 'variable', foreground: word.title },
      { token: 'function', foreground: word.title },
      { token: 'strong', fontStyle: 'bold' },
      { token: 'emphasis', fontStyle: 'italic' },
      { token: 'invalid', foreground: read('danger').slice(1) },
    ],
    colors: {
      'editor.background': read('n3'),
      'editor.foreground': text,
      'editor.lineHighlightBackground': `${read('n4')}80`,
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': `${read('accent')}48`,
      'editor.inactiveSelectionBackground': `${read('accent')}28`,
      'editor.wordHighlightBackground': `${read('n9')}30`,
      'editor.wordHighlightStrongBackground': `${read('n9')}40`,
      'editor.findMatchBackground': `${read('attention')}60`,
      'editor.findMatchHighlightBackground': `${read('attention')}30`,
      'editorCursor.foreground': read('n12'),
      'editorLineNumber.foreground': read('n9'),
      'editorLineNumber.activeForeground': read('n11'),
      'editorGutter.background': read('n3'),
      'editorIndentGuide.background1': read('n6'),
      'editorIndentGuide.activeBackground1': read('n8'),
      'editorBracketMatch.background': `${read('n9')}30`,
      'editorBracketMatch.border': '#00000000',
      'editorOverviewRuler.border': '#00000000',
      'editorWhitespace.foreground': read('n7'),
      'editorWidget.background': read('n3'),
      'editorWidget.border': read('n7'),
      'editorSuggestWidget.background': read('n3'),
      'editorSuggestWidget.border': read('n7'),
      'editorSuggestWidget.selectedBackground': read('n5'),
      'editorHoverWidget.background': read('n3'),
      'editorHoverWidget.border': read('n7'),
      'editorStickyScroll.background': read('n3'),
      'editorStickyScrollHover.background': read('n4'),
      'editorError.foreground': read('danger'),
      'editorWarning.foreground': read('attention'),
      'editorInfo.foreground': read('accent'),
      'input.background': read('n5'),
      'input.border': read('n7'),
      'input.foreground': read('n12'),
      focusBorder: read('accent'),
      'list.hoverBackground': read('n4'),
      'list.activeSelectionBackground': read('n5'),
      'list.activeSelectionForeground': read('n12'),
      'list.focusBackground': read('n5'),
      'list.highlightForeground': read('accent'),
      'widget.shadow': '#00000040',
      'scrollbar.shadow': '#00000000',
      'scrollbarSlider.background': `${read('n9')}38`,
      'scrollbarSlider.hoverBackground': `${read('n9')}58`,
      'scrollbarSlider.activeBackground': `${read('n9')}78`,
      'quickInput.background': read('n3'),
      'menu.background': read('n3'),
      'menu.selectionBackground': read('n5'),
      'menu.border': read('n7'),
      'tandem.writing': read('author-1'),
      'tandem.added': read('added'),
      'tandem.removed': read('removed'),
    },
  })
  monaco.editor.setTheme(name)
}

/** Tokens are `light-dark(…)`: only a drawn element knows what they are now. Monaco wants `#rrggbb`. */
function createTokenReader(): (token: string) => string {
  const probe = document.createElement('span')
  probe.hidden = true
  document.body.append(probe)
  const style = getComputedStyle(probe)
  queueMicrotask(() => probe.remove())
  return (token) => {
    probe.style.color = `var(--${token})`
    const [red = 0, green = 0, blue = 0] = (style.color.match(/\d+(\.\d+)?/g) ?? []).map(Number)
    return `#${[red, green, blue].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
  }
}

/** Tells which side the page shows, now and whenever it changes. */
export function watchThemeSide(listener: (side: ThemeSide) => void): () => void {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')
  const contrast = matchMedia('(prefers-contrast: more)')
  const tell = () => {
    const { theme } = root.dataset
    const dark = theme === 'dark' || (theme !== 'light' && system.matches)
    listener(dark ? 'dark' : 'light')
  }
  const observer = new MutationObserver(tell)
  observer.observe(root, { attributes: true, attributeFilter: ['data-theme'] })
  system.addEventListener('change', tell)
  contrast.addEventListener('change', tell)
  tell()
  return () => {
    observer.disconnect()
    system.removeEventListener('change', tell)
    contrast.removeEventListener('change', tell)
  }
}
