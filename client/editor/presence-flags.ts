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
  /** Where there is room for it, the name stands below the caret: what is above was just written. */
  readonly below?: boolean
  readonly lineNumber: number
  readonly column: number
}

export interface PresenceFlags {
  /** Names at the carets that have moved; those of who left go. */
  show(present: readonly Flagged[]): void
  clear(): void
}

/** Names of people and models at their carets while they move. They take no room in the text. */
export function createPresenceFlags(code: CodeEditor): PresenceFlags {
  const flags = new Map<number, Flag>()

  function raise(client: number): Flag {
    const node = document.createElement('div')
    // Readers hear of people in the header and of models in the chat; here a name would interrupt the code.
    node.setAttribute('aria-hidden', 'true')
    const flag: Flag = {
      node,
      place: '',
      hide: undefined,
      widget: { getId: () => `tandem.presence.${client}`, getDomNode: () => node, getPosition: () => null },
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
    show(present) {
      for (const { client, name, colorClass, below, lineNumber, column } of present) {
        const place = `${lineNumber}:${column}`
        const flag = flags.get(client) ?? raise(client)
        if (flag.place === place) continue
        flag.place = place
        flag.node.textContent = name
        flag.node.className = `tandem-presence-flag ${colorClass}`
        // 1: above, 2: below; the other where there is no room.
        const preference = below ? [2, 1] : [1, 2]
        flag.widget.getPosition = () => ({ position: { lineNumber, column }, preference })
        code.layoutContentWidget(flag.widget)
        window.clearTimeout(flag.hide)
        flag.hide = window.setTimeout(() => {
          flag.node.className = `tandem-presence-flag tandem-presence-flag-gone ${colorClass}`
        }, shownMs)
      }
      for (const [client, flag] of flags) {
        if (!present.some((one) => one.client === client)) lower(client, flag)
      }
    },
    clear() {
      for (const [client, flag] of flags) lower(client, flag)
    },
  }
}
