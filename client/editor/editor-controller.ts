import type { editor } from 'monaco-editor/editor'
import type { Clock } from '../../core/lib/clock.ts'
import { selectedWords } from '../store/selected-words.ts'
import { may, threadsAtWork } from '../store/selectors.ts'
import type { WorkbenchState, WorkbenchStore } from '../store/store.ts'
import type { DocumentSession } from './document-session.ts'
import { documentSessions } from './document-sessions.ts'
import { watchDragOut } from './drag-out.ts'
import { showSelectedSpaces } from './editor-options.ts'
import { decideFollow } from './follow.ts'
import { createHunkActions, type HunkActionWords } from './hunk-actions.ts'
import { createInlineZones, type InlineZone } from './inline-zone.ts'
import { createModelMarks, linesOfHunks, type MarkedPlace } from './model-marks.ts'
import { hunksToShow, isBeingWritten, writingNow, writtenLast } from './model-writing.ts'
import type { CodeEditor, Monaco } from './monaco.ts'
import { asBoundView, isLineInView } from './monaco-view.ts'
import { createPauseChip, type PauseWords } from './pause-chip.ts'
import { createPresenceMarks, modelTurnsIn } from './presence-marks.ts'
import { watchProblems } from './problems.ts'
import { readPlace } from './read-place.ts'
import { createRedraw } from './redraw.ts'
import { holdProblems } from './service-problems.ts'

export interface EditorControllerOptions {
  readonly monaco: Monaco
  readonly code: CodeEditor
  readonly store: WorkbenchStore
  readonly clock: Clock
  readonly schedule: (flush: () => void) => () => void
  /** Has something heavy drawn between two frames. */
  readonly drawApart: (draw: () => void) => void
  readonly after: (ms: number, run: () => void) => () => void
  readonly words: { readonly removed: string; readonly inlineEdit: string } & PauseWords & HunkActionWords
  /** There is room in the code for the field of an edit in place, or no more. */
  readonly onInlineZone: (zone: InlineZone | undefined) => void
  readonly keys: { readonly keep: string; readonly undo: string }
}

/** Beyond this line the way to it is too long to colour within a frame. */
const colouredLines = 3000
/** Monaco's names of where in the code the pointer is: numbers and marks of a line, its text, beside it. */
const codeTargets: ReadonlySet<number> = new Set([2, 3, 4, 6, 7])

/** Makes one Monaco editor show what the store says is active, and tells the store what happens in it. Returns what ends it. */
export function controlEditor({
  monaco,
  code,
  store,
  clock,
  schedule,
  drawApart,
  after,
  words,
  onInlineZone,
  keys,
}: EditorControllerOptions): () => void {
  const sessions = documentSessions(monaco, store)
  const modelMarks = createModelMarks(code, words)
  const presenceMarks = createPresenceMarks(code, monaco)
  const pauseChip = createPauseChip({
    code,
    words,
    onDecide: (hunkId, decision) => store.getState().decideHunk(hunkId, decision),
  })
  const hunkActions = createHunkActions({
    code,
    monaco: monaco.editor,
    words,
    keys,
    onKeep: (id) => void store.getState().keepHunks([id]),
    onUndo: (id) => void store.getState().undoHunks([id]),
  })
  const inlineZones = createInlineZones({ code, onZone: onInlineZone })
  const view = asBoundView(code, { composed: () => shown?.flush(), applied: drawFrame })
  let shown: DocumentSession | undefined
  let lastActivity = Number.NEGATIVE_INFINITY
  let revealed = store.getState().reveal?.id
  let focused = store.getState().editorFocus
  /** What was gone to last: to be taken to the same hunk once is enough. */
  let followed = ''
  /** The file whose last mark is to be shown as soon as it is drawn. */
  let owed: string | undefined
  let followedLine: number | undefined
  /** The line out of view that is shown next, until the person goes elsewhere. */
  let goal: number | undefined
  let judged = store.getState().judgement
  /** The button went down in the code. */
  let pressed = false

  const redraw = createRedraw({ draw: () => drawFrame(), schedule, after })

  /** Everything that follows the text, at most once per frame. `applied`: where others' text has just come in. */
  function drawFrame(applied?: number): void {
    const state = store.getState()
    const marked = drawModelMarks(state)
    redraw.drawn(marked?.writing ?? false)
    // What the thread knows of a hunk is a little older than the text itself.
    const place = marked?.writing && applied !== undefined ? shown?.model.getPositionAt(applied) : undefined
    follow(state, place ? { lineNumber: place.lineNumber, writing: true } : marked)
    if (!shown) return
    if (marked?.writing) colourShown(shown.model)
    holdProblems(monaco, shown.model, isHalfWritten(state, shown))
    presenceMarks.show(shown.replica, (turnId) =>
      threadsAtWork(state).some(({ turns }) => turns.at(-1)?.id === turnId),
    )
    state.setPlace(readPlace(code))
    presenceMarks.tell(shown.replica, code, state.self)
    followPerson(state)
  }

  /**
   * Monaco colours words when it is idle, which it is not while text streams, and then draws their lines once more.
   * Asking for a line colours all before it.
   */
  function colourShown(model: editor.ITextModel): void {
    const last = code.getVisibleRanges().at(-1)?.endLineNumber ?? 1
    monaco.editor.colorizeModelLine(model, Math.min(last, colouredLines))
  }

  /** The other's caret is kept in view; whoever types or clicks goes their own way again. */
  function followPerson({ people, followedPerson }: WorkbenchState): void {
    const person = people.find(({ id }) => id === followedPerson)
    const line = person && presenceMarks.lineOf(person)
    if (line === undefined) {
      followedLine = undefined
      return
    }
    if (line === followedLine) return
    followedLine = line
    goTo(line, { colour: false })
  }

  /** Some hundred elements are new in a view that jumps: that is drawn apart from what others write meanwhile. */
  function goTo(line: number, { colour }: { readonly colour: boolean }): void {
    goal = isLineInView(code, line) ? undefined : line
    if (goal === undefined) return
    drawApart(() => {
      if (goal === undefined) return
      code.revealLineInCenterIfOutsideViewport(goal, 1)
      goal = undefined
      if (shown && colour) colourShown(shown.model)
      code.render()
    })
  }

  function drawModelMarks(state: WorkbenchState) {
    if (!shown) return undefined
    const { path } = shown.replica
    const hunks = threadsAtWork(state).flatMap((thread) => hunksToShow(thread, path))
    const marked = modelMarks.show(shown.replica.text, hunks)
    pauseChip.show(shown.replica.text, hunks)
    hunkActions.show(may(state, 'review/keep') ? modelMarks.placed() : [])
    return marked
  }

  /** By what its thread says, or, of threads that are not at hand, by where their models stand. */
  function isHalfWritten(state: WorkbenchState, { replica }: DocumentSession): boolean {
    const threads = threadsAtWork(state)
    if (threads.some((thread) => isBeingWritten(thread, replica.path))) return true
    return modelTurnsIn(replica.awareness).some(
      (turnId) => !threads.some(({ turns }) => turns.some(({ id }) => id === turnId)),
    )
  }

  function follow(state: WorkbenchState, marked: MarkedPlace | undefined): void {
    const written = writtenLast(state.thread, state.turnsAtOpening, state.openPaths)
    const isNews = written !== undefined && written.mark !== followed
    const decision = decideFollow({
      following: state.following && written?.turnId !== state.unfollowedTurn,
      writingPath: isNews ? written.path : writingNow(state.thread, state.openPaths)?.path,
      activePath: state.activePath,
      idleMs: clock.monotonic() - lastActivity,
      hasSelection: !(code.getSelection()?.isEmpty() ?? true),
    })
    if (written) followed = written.mark
    if (decision !== 'stay' && written) owed = written.path
    if (decision === 'open' && written) {
      // Its marks are drawn, and its place shown, in the next frame.
      state.openFile(written.path, { quietly: true })
      return
    }
    if (owed === undefined || owed !== shown?.replica.path || !marked) return
    goTo(marked.lineNumber, { colour: marked.writing })
    owed = undefined
  }

  function sync(state: WorkbenchState): void {
    const path = state.activePath
    const wanted = path !== undefined && state.documents[path]?.phase === 'text' ? path : undefined
    if (wanted !== shown?.replica.path) showDocument(wanted)
    if (wanted !== undefined) code.updateOptions({ readOnly: state.documents[wanted]?.readOnly ?? false })
    if (shown) showInlineField(state, shown.replica.path)
    if (shown && state.reveal && state.reveal.id !== revealed && state.reveal.path === shown.replica.path) {
      revealed = state.reveal.id
      const { hunkId } = state.reveal
      const hunk = modelMarks.placed().find(({ id }) => id === hunkId)
      const position = { lineNumber: hunk?.firstLine ?? state.reveal.line, column: 1 }
      code.setPosition(position)
      code.revealLineInCenter(position.lineNumber, 1)
    }
    if (state.judgement && state.judgement !== judged) {
      judged = state.judgement
      const hunk = hunkActions.current()
      if (hunk && judged.verdict === 'keep') void state.keepHunks([hunk.id])
      else if (hunk) void state.undoHunks([hunk.id])
    }
    if (shown && state.editorFocus !== focused) {
      focused = state.editorFocus
      code.focus()
    }
  }

  function showInlineField({ inlineFields, inlineThreads }: WorkbenchState, path: string): void {
    const field = inlineFields[path]
    // What was written has colours of its own.
    code
      .getContainerDomNode()
      .classList.toggle('tandem-inline-asked', field !== undefined && field.asked !== '')
    if (field)
      inlineZones.show(path, () => {
        // Nothing was asked yet: it belongs where the person is.
        if (field.asked === '' || !shown) return undefined
        const thread = inlineThreads.find(({ id }) => id === field.threadId)
        return thread && linesOfHunks(shown.model, shown.replica.text, hunksToShow(thread, path))
      })
    else inlineZones.end(path)
  }

  function showDocument(path: string | undefined): void {
    if (shown) {
      shown.replica.awareness.off('change', redraw.withText)
      shown.viewState = code.saveViewState() ?? undefined
      shown.show(undefined)
    }
    goal = undefined
    inlineZones.hide()
    modelMarks.clear()
    presenceMarks.clear()
    pauseChip.clear()
    hunkActions.clear()
    shown = path === undefined ? undefined : sessions.of(path)
    // Its problems are looked for as soon as it is in view.
    if (shown) holdProblems(monaco, shown.model, isHalfWritten(store.getState(), shown))
    code.setModel(shown?.model ?? null)
    if (!shown) return
    // Prose has long lines.
    code.updateOptions({ wordWrap: shown.model.getLanguageId() === 'markdown' ? 'on' : 'off' })
    if (shown.viewState) code.restoreViewState(shown.viewState)
    shown.show(view)
    shown.replica.awareness.on('change', redraw.withText)
    redraw.soon()
  }

  const noteActivity = () => {
    lastActivity = clock.monotonic()
    goal = undefined
    if (store.getState().followedPerson !== undefined) store.getState().followPerson(undefined)
  }
  const subscriptions = [
    code.onKeyDown(noteActivity),
    code.onMouseDown(noteActivity),
    code.onDidChangeCursorSelection(redraw.soon),
    code.onDidChangeModelContent(redraw.soon),
    code.onMouseDown(({ target }) => {
      pressed = codeTargets.has(target.type)
    }),
    // Not before the button is up: lines that move under it would be selected.
    code.onMouseUp(() => {
      if (pressed && shown) store.getState().leaveInline(shown.replica.path)
      pressed = false
    }),
    code.addAction({
      id: 'tandem.inlineEdit',
      label: words.inlineEdit,
      contextMenuGroupId: '1_modification',
      contextMenuOrder: 0,
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyK],
      run: () => store.getState().openInline(),
    }),
    watchProblems(monaco, (path, count) => {
      if (store.getState().documents[path]) store.getState().setProblems(path, count)
    }),
    monaco.editor.registerEditorOpener({
      openCodeEditor(_source, resource, place) {
        const line = place && ('lineNumber' in place ? place.lineNumber : place.startLineNumber)
        store.getState().openFile(resource.path.slice(1), line === undefined ? {} : { line })
        return true
      },
    }),
  ]
  const stopSpaces = showSelectedSpaces(code)
  const stopDrags = watchDragOut({
    code,
    canDrop: () => may(store.getState(), 'job/start'),
    onOver: (over) => store.getState().setTaskOver(over),
    onDrop() {
      const task = selectedWords(store.getState())
      if (task !== undefined) store.getState().draftHandOff({ task, fromComposer: false })
    },
  })
  const scrollers = ['wheel', 'touchmove'] as const
  const stopFollowing = () => {
    goal = undefined
    const { thread, openPaths, unfollowTurn } = store.getState()
    const writing = writingNow(thread, openPaths)
    // Scrolling says: let me read.
    if (writing) unfollowTurn(writing.turnId)
  }
  for (const type of scrollers)
    code.getContainerDomNode().addEventListener(type, stopFollowing, { passive: true, capture: true })
  const stopEnding = sessions.onEnd((session) => {
    if (session === shown) showDocument(undefined)
    inlineZones.end(session.replica.path)
    store.getState().closeInline(session.replica.path)
  })
  const unsubscribe = store.subscribe((state, before) => {
    if (
      state.thread !== before.thread ||
      state.inlineThreads !== before.inlineThreads ||
      state.self !== before.self ||
      state.followedPerson !== before.followedPerson
    )
      redraw.withText()
    if (
      state.activePath !== before.activePath ||
      state.documents !== before.documents ||
      state.reveal !== before.reveal ||
      state.judgement !== before.judgement ||
      state.inlineFields !== before.inlineFields ||
      state.editorFocus !== before.editorFocus
    )
      sync(state)
  })
  sync(store.getState())
  redraw.soon()

  return () => {
    unsubscribe()
    stopEnding()
    stopSpaces()
    stopDrags()
    redraw.dispose()
    for (const type of scrollers)
      code.getContainerDomNode().removeEventListener(type, stopFollowing, { capture: true })
    for (const subscription of subscriptions) subscription.dispose()
    view.dispose()
    inlineZones.dispose()
    showDocument(undefined)
    hunkActions.dispose()
  }
}
