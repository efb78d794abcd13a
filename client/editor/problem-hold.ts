import type { editor, IDisposable, IRange } from 'monaco-editor/editor'

type Marker = editor.IMarkerData

/** What is needed of Monaco's model. */
export type HeldModel = Pick<
  editor.ITextModel,
  | 'getVersionId'
  | 'onDidChangeContent'
  | 'onWillDispose'
  | 'isAttachedToEditor'
  | 'isDisposed'
  | 'deltaDecorations'
  | 'getDecorationRange'
>

/** Keeps away what language services say of a text while a model is in the middle of writing it. */
export interface ProblemHold<Model extends HeldModel = editor.ITextModel> {
  /** A model writes in it, or no longer does: what is said shows again as soon as it is said of the finished text. */
  write(model: Model, isWriting: boolean): void
  /** The problems that are shown are those from before. */
  isHeld(model: Model): boolean
  /** Told when `isHeld` has changed. */
  onChange(listener: (model: Model) => void): IDisposable
}

export interface ProblemHoldOptions<Model extends HeldModel> {
  readonly setMarkers: (model: Model, owner: string, markers: Marker[]) => void
  /** Resolves when the service has answered all that it was asked until now. */
  readonly answered: (model: Model) => Promise<unknown>
  readonly after: (ms: number, run: () => void) => () => void
}

/** Services look at a text 500 ms after its last change: by then it has to be known that what they say is of that text. */
const quietMs = 250
/** How often problems from before are put where their text has gone. */
const anchorMs = 400
/** A service that says nothing of a finished text for so long says nothing at all. */
const lateMs = 10_000

interface Hold {
  isWriting: boolean
  /** The text when it began. */
  readonly from: number
  /** What is said from now on is said of this version, as long as it is the text's. */
  sound: number | undefined
  /** What was said last, by who said it; `of`: of which version, where that is sure. */
  readonly said: Map<string, { readonly markers: readonly Marker[]; readonly of: number | undefined }>
  readonly timers: Map<'quiet' | 'anchor' | 'late', () => void>
  readonly subscriptions: readonly IDisposable[]
}

/** `take` is where services hand in what they have found. */
export function createProblemHold<Model extends HeldModel>({
  setMarkers,
  answered,
  after,
}: ProblemHoldOptions<Model>): ProblemHold<Model> & {
  take(model: Model, owner: string, markers: readonly Marker[]): void
} {
  const holds = new Map<Model, Hold>()
  const shown = new WeakMap<Model, Map<string, { ids: string[]; markers: readonly Marker[] }>>()
  const listeners = new Set<(model: Model) => void>()

  function show(model: Model, owner: string, markers: readonly Marker[]): void {
    setMarkers(model, owner, [...markers])
    const byOwner = shown.get(model) ?? new Map()
    shown.set(model, byOwner)
    const before: string[] = byOwner.get(owner)?.ids ?? []
    if (model.isDisposed() || (before.length === 0 && markers.length === 0)) return
    const marks = markers.map((range) => ({ range, options: { stickiness: 1 } }))
    byOwner.set(owner, { ids: model.deltaDecorations(before, marks), markers })
  }

  /** Problems from before go along with their text, and away with it. */
  function anchor(model: Model): void {
    for (const [owner, { ids, markers }] of shown.get(model) ?? []) {
      const now = markers.flatMap((marker, index) => {
        const range = model.getDecorationRange(ids[index] ?? '')
        if (range === null || (isEmpty(range) && !isEmpty(marker))) return []
        const { startLineNumber, startColumn, endLineNumber, endColumn } = range
        return [{ ...marker, startLineNumber, startColumn, endLineNumber, endColumn }]
      })
      const isMoved = now.some((marker, index) => marker.startLineNumber !== markers[index]?.startLineNumber)
      if (isMoved || now.length !== markers.length) show(model, owner, now)
    }
  }

  function wait(hold: Hold, name: 'quiet' | 'anchor' | 'late', ms: number, run: () => void): void {
    hold.timers.get(name)?.()
    const cancel = after(ms, () => {
      hold.timers.delete(name)
      run()
    })
    hold.timers.set(name, cancel)
  }

  /** Whatever the service is asked after this, it is asked of the text as it is now or later. */
  function listen(model: Model, hold: Hold): void {
    const version = model.getVersionId()
    answered(model).then(
      () => {
        if (!model.isDisposed() && model.getVersionId() === version) hold.sound = version
      },
      // A service that fails says nothing either, and is not waited for.
      () => undefined,
    )
  }

  function begin(model: Model): void {
    const hold: Hold = {
      isWriting: true,
      from: model.getVersionId(),
      sound: undefined,
      said: new Map(),
      timers: new Map(),
      subscriptions: [
        model.onDidChangeContent(() => {
          wait(hold, 'quiet', quietMs, () => listen(model, hold))
          if (!hold.timers.has('anchor')) wait(hold, 'anchor', anchorMs, () => anchor(model))
          // The service waits for the end of what a person goes on to type, and so does this.
          if (hold.timers.has('late')) wait(hold, 'late', lateMs, () => end(model))
        }),
        model.onWillDispose(() => end(model)),
      ],
    }
    holds.set(model, hold)
    listen(model, hold)
    tell(model)
  }

  function end(model: Model): void {
    const hold = holds.get(model)
    if (!hold) return
    holds.delete(model)
    for (const cancel of hold.timers.values()) cancel()
    for (const subscription of hold.subscriptions) subscription.dispose()
    if (model.isDisposed()) return
    for (const [owner, { markers, of }] of hold.said) {
      // Where it is not sure, that is the best that is known.
      if (of === undefined || of === model.getVersionId()) show(model, owner, markers)
    }
    tell(model)
  }

  /** The service has looked at the finished text, or there was nothing to look at. */
  function isAnswered(model: Model, { from, said }: Hold): boolean {
    const version = model.getVersionId()
    const answers = [...said.values()]
    return answers.length === 0 ? version === from : answers.some(({ of }) => of === version)
  }

  function tell(model: Model): void {
    for (const listener of listeners) listener(model)
  }

  return {
    write(model, isWriting) {
      const hold = holds.get(model)
      if (hold?.isWriting === isWriting || (!hold && !isWriting)) return
      if (!hold) return begin(model)
      hold.isWriting = isWriting
      if (isWriting) {
        hold.timers.get('late')?.()
        hold.timers.delete('late')
      } else if (isAnswered(model, hold)) end(model)
      else wait(hold, 'late', lateMs, () => end(model))
    },
    isHeld: (model) => holds.has(model),
    onChange(listener) {
      listeners.add(listener)
      return { dispose: () => listeners.delete(listener) }
    },
    take(model, owner, markers) {
      const hold = holds.get(model)
      // A text nobody sees any more has its problems taken away.
      if (!hold || !model.isAttachedToEditor()) {
        hold?.said.delete(owner)
        return show(model, owner, markers)
      }
      const version = model.getVersionId()
      hold.said.set(owner, { markers, of: hold.sound === version ? version : undefined })
      if (!hold.isWriting && isAnswered(model, hold)) end(model)
    },
  }
}

function isEmpty({ startLineNumber, startColumn, endLineNumber, endColumn }: IRange): boolean {
  return startLineNumber === endLineNumber && startColumn === endColumn
}
