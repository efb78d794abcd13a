import type { editor as monaco } from 'monaco-editor/editor'
import { columnsOf, placeFlags } from './flag-place.ts'
import { readLineEnds } from './line-ends.ts'
import type { CodeEditor, Monaco } from './monaco.ts'

/** How long a person's name stays at a caret that has moved, in milliseconds. A model's stays while it writes. */
const shownMs = 2000
/** Of the words of a name, and what is around them. */
const letterPx = 6.5
const framePx = 10

interface Flag {
  readonly widget: monaco.IContentWidget
  readonly node: HTMLElement
  moved: string
  placed: string
  isGone: boolean
  hide: number | undefined
}

export interface Flagged {
  readonly client: number
  readonly name: string
  readonly colorClass: string
  readonly isModel?: boolean
  readonly lineNumber: number
  readonly column: number
}

export interface PresenceFlags {
  /** Names at the carets that have moved; those of who left go. */
  show(present: readonly Flagged[]): void
  clear(): void
}

/** Names of people and models beside the lines their carets are in. They take no room in the text and cover none of it. */
export function createPresenceFlags(code: CodeEditor, editor: Monaco['editor']): PresenceFlags {
  const flags = new Map<number, Flag>()

  function raise(client: number): Flag {
    const node = document.createElement('div')
    // Readers hear of people in the header and of models in the chat; here a name would interrupt the code.
    node.setAttribute('aria-hidden', 'true')
    const flag: Flag = {
      node,
      moved: '',
      placed: '',
      isGone: false,
      hide: undefined,
      widget: {
        getId: () => `tandem.presence.${client}`,
        getDomNode: () => node,
        getPosition: () => null,
        // At an exact place it takes no part. Left out, the page is laid out to measure it, whenever it moves.
        beforeRender: () => ({ width: 0, height: 0 }),
      },
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

  /** A caret that has moved has its name again. */
  function note({ client, isModel, lineNumber, column }: Flagged): void {
    const flag = flags.get(client) ?? raise(client)
    const moved = `${lineNumber}:${column}`
    if (flag.moved === moved) return
    flag.moved = moved
    flag.isGone = false
    flag.node.classList.remove('tandem-presence-flag-gone')
    window.clearTimeout(flag.hide)
    if (isModel) return
    flag.hide = window.setTimeout(() => {
      flag.isGone = true
      flag.node.classList.add('tandem-presence-flag-gone')
    }, shownMs)
  }

  function placesOf(present: readonly Flagged[]) {
    const { roomPx, endOf } = readLineEnds(code, editor)
    const shown = present.filter(({ client }) => flags.get(client)?.isGone === false)
    const wanted = shown.map(({ client, name, lineNumber }) => {
      return { client, lineNumber, widthPx: columnsOf(name, 1) * letterPx + framePx }
    })
    return placeFlags(wanted, { roomPx, textPx: (lineNumber) => endOf(lineNumber)?.px })
  }

  return {
    show(present) {
      for (const one of present) note(one)
      const places = placesOf(present)
      for (const { client, name, colorClass, isModel } of present) {
        const flag = flags.get(client)
        // One that fades away does so where it is.
        if (!flag || flag.isGone) continue
        const place = places.get(client)
        const column = (place && code.getModel()?.getLineMaxColumn(place.lineNumber)) ?? 1
        const look = isModel ? `tandem-presence-flag-model ${colorClass}` : colorClass
        const placed = `${name} ${look} ${place?.lineNumber} ${column} ${place?.shiftPx}`
        if (placed === flag.placed) continue
        flag.placed = placed
        flag.node.className = `tandem-presence-flag ${look}`
        flag.node.textContent = name
        flag.node.style.marginLeft = `${place?.shiftPx ?? 0}px`
        // 0: exactly there.
        flag.widget.getPosition = () =>
          place ? { position: { lineNumber: place.lineNumber, column }, preference: [0] } : null
        code.layoutContentWidget(flag.widget)
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
