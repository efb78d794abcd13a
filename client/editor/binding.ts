import type * as Y from 'yjs'
import type { PersonalUndo } from '../../core/document/personal-undo.ts'
import { replaceText } from '../../core/document/replace-text.ts'
import { assert } from '../../core/lib/assert-never.ts'
import {
  composeOps,
  mapOffset,
  opsToReplacements,
  type Replacement,
  rebaseOps,
  replacementBetween,
  replacementsToOps,
  splitReplacements,
  type TextOp,
} from './text-ops.ts'

/** The editor's copy of a text; Monaco's model in life, a string in tests. */
export interface BoundModel {
  length(): number
  text(): string
  /** Makes others' changes. They enter no undo stack and move no caret. Offsets count in the text before all of them. */
  apply(replacements: readonly Replacement[]): void
  /** Told synchronously of every change, `apply`'s too. Offsets count in the text before all of them. */
  onChange(listener: (replacements: readonly Replacement[]) => void): () => void
}

/** The editor showing the text, while it does. */
export interface BoundView {
  capture(): Places
  restore(places: Places): void
  /** Draws what was applied, the last of it at `offset`, in this frame; by itself the editor would do so in the next. */
  draw(offset: number): void
  /** The line under IME composition, from its first offset to its last. Nobody may change it now. */
  composition(): { readonly from: number; readonly to: number } | undefined
  /** Puts the caret there and shows it: after undo. */
  reveal(offset: number): void
}

/** Where a person is in a text, in offsets: they hold while others write. */
export interface Places {
  readonly selections: readonly { readonly anchor: number; readonly active: number }[]
  /** The first visible line's start and how many pixels of it are hidden. */
  readonly top: { readonly offset: number; readonly hidden: number }
}

export interface TextBinding {
  /** The view now shows the text; `undefined` when it no longer does. */
  show(view: BoundView | undefined): void
  /** Where the person is, or was when it was last shown. */
  places(): Places | undefined
  /** Lets changes through that waited, for an IME composition to end. */
  flush(): void
  /** Takes back the person's own last edit; others' work stays. */
  undo(): void
  redo(): void
  canUndo(): boolean
  canRedo(): boolean
  dispose(): void
}

/**
 * Keeps `model` and `text` the same. The model may lag behind by `pending`: always model + pending = text.
 * What the person types meanwhile is carried over it, so nothing they type is ever lost or moved into other words.
 */
export function bindText({
  text,
  model,
  undo,
  places: placesBefore,
}: {
  readonly text: Y.Text
  readonly model: BoundModel
  /** The document's, which outlives the model: the file may be shown anew at another path. */
  readonly undo: PersonalUndo
  /** Where the person was in the text. */
  readonly places?: Places | undefined
}): TextBinding {
  const { doc } = text
  assert(doc, 'a text that is shown is in a document')
  const { origin } = undo
  let pending: TextOp[] = []
  let applying = false
  let view: BoundView | undefined
  let places = placesBefore
  let lastEditEnd = -1

  reconcile()
  text.observe(onRemote)
  const stopListening = model.onChange(onLocal)

  function onRemote(event: Y.YTextEvent, transaction: Y.Transaction): void {
    if (transaction.origin === origin) return
    pending = composeOps(pending, eventOps(event))
    flush()
  }

  function onLocal(changes: readonly Replacement[]): void {
    if (applying) return
    const local = replacementsToOps(changes)
    const rebased = rebaseOps(local, pending, { inserts: 'before' })
    pending = rebaseOps(pending, local, { inserts: 'after' })
    const last = changes[changes.length - 1]
    // Typing elsewhere is another thing to undo.
    if (changes.length > 1 || !last || last.at + last.remove !== lastEditEnd) undo.stopCapturing()
    lastEditEnd = last ? last.at + last.insert.length : -1
    doc?.transact(() => writeOps(text, rebased), origin)
  }

  function flush(): Replacement[] {
    const all = opsToReplacements(pending)
    const closed = view?.composition()
    const { ready, waiting } = splitReplacements(
      all,
      ({ at, remove }) => !closed || at + remove < closed.from || at > closed.to,
    )
    pending = replacementsToOps(waiting)
    apply(ready)
    if (waiting.length === 0 && model.length() !== text.length) reconcile()
    return ready
  }

  function apply(replacements: readonly Replacement[]): void {
    if (replacements.length === 0) return
    const before = view ? view.capture() : places
    const after = before && mapPlaces(before, replacements)
    applying = true
    try {
      model.apply(replacements.map((r) => ({ ...r, insert: showable(r.insert) })))
    } finally {
      applying = false
    }
    lastEditEnd = mapOffset(lastEditEnd, replacements, 'before')
    if (view && after) {
      view.restore(after)
      const last = replacements.at(-1)
      if (last) view.draw(mapOffset(last.at + last.remove, replacements, 'after'))
    } else places = after
  }

  /** The first filling, and the way back should the two ever differ. */
  function reconcile(): void {
    pending = []
    const difference = replacementBetween(model.text(), showable(text.toString()))
    if (difference) apply([difference])
  }

  function takeBack(step: () => unknown): void {
    if (view?.composition()) return
    let end: number | undefined
    const watch = (event: Y.YTextEvent) => {
      const last = opsToReplacements(eventOps(event)).reduce<{ end: number; shift: number }>(
        ({ shift }, { at, remove, insert }) => ({
          end: at + shift + insert.length,
          shift: shift + insert.length - remove,
        }),
        { end: 0, shift: 0 },
      )
      end = last.end
    }
    text.observe(watch)
    step()
    text.unobserve(watch)
    if (end !== undefined) view?.reveal(end)
  }

  return {
    show(next) {
      if (view && !next) places = view.capture()
      view = next
      if (view && places) view.restore(places)
    },
    places: () => view?.capture() ?? places,
    flush,
    undo: () => takeBack(() => undo.undo()),
    redo: () => takeBack(() => undo.redo()),
    canUndo: () => undo.canUndo(),
    canRedo: () => undo.canRedo(),
    dispose() {
      stopListening()
      text.unobserve(onRemote)
    },
  }
}

/** Carries places over others' changes: text inserted right at a caret or the ends of a selection stays outside. */
function mapPlaces(places: Places, replacements: readonly Replacement[]): Places {
  return {
    selections: places.selections.map(({ anchor, active }) => {
      const first = Math.min(anchor, active)
      const last = Math.max(anchor, active)
      const to = mapOffset(last, replacements, 'before')
      const from = first === last ? to : Math.min(mapOffset(first, replacements, 'after'), to)
      return anchor <= active ? { anchor: from, active: to } : { anchor: to, active: from }
    }),
    top: {
      // At the very top of the file the top stays in view; elsewhere the line in view stays.
      offset: mapOffset(places.top.offset, replacements, places.top.offset === 0 ? 'before' : 'after'),
      hidden: places.top.hidden,
    },
  }
}

/** Monaco would make line ends of carriage returns, and offsets would no longer match. The document keeps them. */
export function showable(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r', '\u240d') : text
}

function eventOps(event: Y.YTextEvent): TextOp[] {
  return event.delta.map((op) => {
    if (op.retain !== undefined) return { retain: op.retain }
    if (op.delete !== undefined) return { delete: op.delete }
    return { insert: typeof op.insert === 'string' ? op.insert : '' }
  })
}

function writeOps(text: Y.Text, ops: readonly TextOp[]): void {
  for (const { at, remove, insert } of opsToReplacements(ops).reverse()) {
    replaceText(text, { from: at, to: at + remove, insert })
  }
}
