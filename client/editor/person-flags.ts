import type { editor } from 'monaco-editor/editor'
import type { CodeEditor } from './monaco.ts'

/** How long a name stays at a caret that has moved, in milliseconds. */
const shownMs = 3000

interface Flag {
  readonly widget: editor.IContentWidget
  readonly node: HTMLElement
  place: string
  hide: number | undefined
}

export interface Flagged {
  readonly client: number
  readonly name: string
  readonly colorClass: string
  readonly lineNumber: number
  readonly column: number
}

export interface PersonFlags {
  /** Names at the carets that have moved; those of people who left go. */
  show(people: readonly Flagged[]): void
  clear(): void
}

/** People's names, above their carets while they move. They take no room in the text. */
export function createPersonFlags(code: CodeEditor): PersonFlags {
  const flags = new Map<number, Flag>()

  function raise(client: number): Flag {
    const node = document.createElement('div')
    // Readers hear of people in the header; here a name would interrupt the code.
    node.setAttribute('aria-hidden', 'true')
    const flag: Flag = {
      node,
      place: '',
      hide: undefined,
      widget: { getId: () => `tandem.person.${client}`, getDomNode: () => node, getPosition: () => null },
    }
    flags.set(client, flag)
    code.addContentWidget(flag.widget)
    return flag
  }

  function lower(client: number, flag: Flag): void {
    window.clearTimeout(flag.hide)
    code.removeContentWidget(flag.widget)
    flags.delete(client)
  }

  return {
    show(people) {
      for (const { client, name, colorClass, lineNumber, column } of people) {
        const place = `${lineNumber}:${column}`
        const flag = flags.get(client) ?? raise(client)
        if (flag.place === place) continue
        flag.place = place
        flag.node.textContent = name
        flag.node.className = `tandem-person-flag ${colorClass}`
        // 1: above, 2: below, where there is no room above.
        flag.widget.getPosition = () => ({ position: { lineNumber, column }, preference: [1, 2] })
        code.layoutContentWidget(flag.widget)
        window.clearTimeout(flag.hide)
        flag.hide = window.setTimeout(() => {
          flag.node.className = `tandem-person-flag tandem-person-flag-gone ${colorClass}`
        }, shownMs)
      }
      for (const [client, flag] of flags) {
        if (!people.some((person) => person.client === client)) lower(client, flag)
      }
    },
    clear() {
      for (const [client, flag] of flags) lower(client, flag)
    },
  }
}
