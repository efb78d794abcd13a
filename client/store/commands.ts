import type { Action } from '../../core/protocol/access.ts'
import { hunksToReview } from '../../core/state/review.ts'
import { createTranslate, type MessageKey, resolveLanguage } from '../i18n/messages.ts'
import { canGoBack } from './history-slice.ts'
import { canEditInPlace } from './inline-field.ts'
import type { Keys } from './keys.ts'
import { selectedWords } from './selected-words.ts'
import {
  currentMode,
  isPaused,
  isPreviewOpen,
  may,
  runningTurn,
  threadsAtWork,
  unreviewedOf,
} from './selectors.ts'
import type { WorkbenchState } from './store.ts'
import { canCompact } from './window-slice.ts'

/** Something a person can ask the page to do: in the palette, by key, or by a button. */
export interface Command {
  readonly id: string
  readonly title: MessageKey
  readonly keys?: Keys
  /** Do the same, for those who are used to them. */
  readonly otherKeys?: Keys
  /** `bare`: a key without a modifier, only outside fields and editors. */
  readonly scope?: 'bare'
  /** Who may not do this is not offered it. */
  readonly needs?: Action
  /** Whether there is something to do it to now. */
  available?(state: WorkbenchState): boolean
  run(state: WorkbenchState): void
}

/** Whether it can be done, now and by this person. */
export function isAvailable({ needs, available }: Command, state: WorkbenchState): boolean {
  return (needs === undefined || may(state, needs)) && (available?.(state) ?? true)
}

const lastSettledWithEdits = ({ thread }: WorkbenchState) =>
  thread?.turns.findLast(
    (turn) =>
      turn.settledAt !== undefined &&
      !turn.copied &&
      turn.mode !== 'background' &&
      turn.items.some((item) => item.type === 'fileChange'),
  )

const hasThread = ({ threadId }: WorkbenchState) => threadId !== undefined

export const commands: readonly Command[] = [
  {
    id: 'palette',
    title: 'command.palette',
    keys: 'mod+shift+p',
    otherKeys: 'f1',
    run: (s) => s.showOverlay('palette'),
  },
  { id: 'settings', title: 'command.settings', keys: 'mod+,', run: (s) => s.showOverlay('settings') },
  { id: 'quickOpen', title: 'command.quickOpen', keys: 'mod+p', run: (s) => s.showOverlay('quickOpen') },
  { id: 'focusChat', title: 'command.focusChat', keys: 'mod+l', run: (s) => s.focusComposer() },
  {
    id: 'inlineEdit',
    title: 'command.inlineEdit',
    needs: 'thread/create',
    keys: 'mod+k',
    otherKeys: 'mod+i',
    available: canEditInPlace,
    run(s) {
      // What lies over the editor keeps the keyboard.
      if (!s.overlay && !s.reviewOpen) s.openInline()
    },
  },
  {
    id: 'handOff',
    title: 'jobs.handOff',
    needs: 'job/start',
    // Elsewhere these keys are the side bar's.
    keys: 'mod+b',
    available: (s) => s.composerFocused,
    run: (s) => s.askHandOff(),
  },
  {
    id: 'handOffSelection',
    title: 'jobs.handOffSelection',
    needs: 'job/start',
    keys: 'alt+shift+j',
    available: (s) => selectedWords(s) !== undefined,
    run(s) {
      const task = selectedWords(s)
      if (task !== undefined) s.draftHandOff({ task, fromComposer: false })
    },
  },
  {
    id: 'showJobs',
    title: 'jobs.show',
    needs: 'job/list',
    keys: 'alt+j',
    run: (s) => {
      s.setPreferences({ sidebarOpen: true, sidebarView: 'jobs' })
      s.showPhonePane('jobs')
    },
  },
  {
    id: 'toggleSidebar',
    title: 'command.toggleSidebar',
    keys: 'mod+b',
    run: (s) => s.setPreferences({ sidebarOpen: !s.sidebarOpen }),
  },
  {
    id: 'togglePreview',
    title: 'command.togglePreview',
    needs: 'preview/open',
    keys: 'mod+j',
    run: (s) => s.setPreferences({ previewOpen: !isPreviewOpen(s) }),
  },
  { id: 'toggleChat', title: 'command.toggleChat', run: (s) => s.setPreferences({ chatOpen: !s.chatOpen }) },
  {
    id: 'showFiles',
    title: 'command.showFiles',
    keys: 'mod+shift+e',
    run: (s) => s.setPreferences({ sidebarOpen: true, sidebarView: 'files' }),
  },
  {
    id: 'showThreads',
    title: 'command.showThreads',
    run: (s) => s.setPreferences({ sidebarOpen: true, sidebarView: 'threads' }),
  },
  {
    id: 'newThread',
    title: 'command.newThread',
    needs: 'thread/create',
    run: (s) => {
      s.openThread(undefined)
      s.focusComposer()
    },
  },
  {
    id: 'share',
    title: 'command.share',
    needs: 'share/list',
    available: hasThread,
    run: (s) => s.openSharing(),
  },
  {
    id: 'archive',
    title: 'command.archive',
    needs: 'thread/archive',
    available: hasThread,
    run: (s) => s.threadId && void s.archiveThread(s.threadId, true),
  },
  {
    id: 'exportMarkdown',
    title: 'command.exportMarkdown',
    available: hasThread,
    run: (s) => s.threadId && void s.exportThread(s.threadId, 'markdown'),
  },
  {
    id: 'exportJson',
    title: 'command.exportJson',
    available: hasThread,
    run: (s) => s.threadId && void s.exportThread(s.threadId, 'json'),
  },
  {
    id: 'replay',
    title: 'command.replay',
    available: (s) => !s.replay && s.thread !== undefined && s.thread.turns.length > 0,
    run: (s) => s.openReplay(),
  },
  {
    id: 'exitReplay',
    title: 'command.exitReplay',
    keys: 'escape',
    scope: 'bare',
    available: (s) => s.replay !== undefined,
    run: (s) => s.closeReplay(),
  },
  {
    id: 'pause',
    title: 'command.pause',
    needs: 'turn/pause',
    keys: 'escape',
    scope: 'bare',
    available: (s) => runningTurn(s) !== undefined && s.thread?.job === undefined,
    run: (s) => {
      s.pauseOrStop()
      // Whoever holds the model up has something to say, or presses Enter to let it go on.
      s.focusComposer()
    },
  },
  {
    id: 'unpause',
    title: 'command.unpause',
    needs: 'turn/unpause',
    available: isPaused,
    run: (s) => s.unpause(),
  },
  {
    id: 'stop',
    title: 'command.stop',
    needs: 'turn/interrupt',
    available: (s) => runningTurn(s) !== undefined,
    run: (s) => s.stop(),
  },
  {
    id: 'pointUp',
    title: 'command.pointUp',
    needs: 'turn/redirect',
    keys: 'alt+l',
    available: (s) => runningTurn(s) !== undefined,
    run: (s) => s.pointUp(),
  },
  {
    id: 'undoTurn',
    title: 'command.undoTurn',
    needs: 'turn/undo',
    available: (s) => lastSettledWithEdits(s)?.undone === undefined && lastSettledWithEdits(s) !== undefined,
    run: (s) => {
      const turn = lastSettledWithEdits(s)
      if (turn) s.undoTurn(turn.id)
    },
  },
  {
    id: 'redoTurn',
    title: 'command.redoTurn',
    needs: 'turn/redo',
    available: (s) => lastSettledWithEdits(s)?.undone !== undefined,
    run: (s) => {
      const turn = lastSettledWithEdits(s)
      if (turn) s.redoTurn(turn.id)
    },
  },
  {
    id: 'rewind',
    title: 'history.command',
    needs: 'thread/rewind',
    available: (s) => canGoBack(s) && s.thread?.turns.at(-1) !== undefined,
    run: (s) => {
      const turn = s.thread?.turns.at(-1)
      if (turn) void s.askRewind(turn.id)
    },
  },
  {
    id: 'fork',
    title: 'history.forkCommand',
    needs: 'thread/fork',
    available: (s) => s.thread?.turns.at(-1)?.settledAt !== undefined,
    run: (s) => {
      const t = createTranslate(resolveLanguage(s.language, navigator.languages))
      const turn = s.thread?.turns.at(-1)
      const title = s.thread?.title || t('threads.untitled')
      if (turn) void s.forkThread(turn.id, t('history.forkOf', { title }))
    },
  },
  {
    id: 'keepHunk',
    title: 'command.keepHunk',
    needs: 'review/keep',
    keys: 'alt+enter',
    available: (s) => unreviewedOf(s, s.activePath).length > 0,
    run: (s) => s.judgeAtCaret('keep'),
  },
  {
    id: 'undoHunk',
    title: 'command.undoHunk',
    needs: 'review/undo',
    keys: 'alt+backspace',
    available: (s) => unreviewedOf(s, s.activePath).length > 0,
    run: (s) => s.judgeAtCaret('undo'),
  },
  {
    id: 'nextHunk',
    title: 'command.nextHunk',
    keys: 'alt+f5',
    available: (s) => unreviewedOf(s).length > 0,
    run: (s) => s.stepHunk(1),
  },
  {
    id: 'previousHunk',
    title: 'command.previousHunk',
    keys: 'shift+alt+f5',
    available: (s) => unreviewedOf(s).length > 0,
    run: (s) => s.stepHunk(-1),
  },
  {
    id: 'review',
    title: 'command.review',
    needs: 'review/keep',
    keys: 'alt+r',
    available: (s) => threadsAtWork(s).some((thread) => hunksToReview(thread).length > 0),
    run: (s) => (s.reviewOpen ? s.closeReview() : s.openReview()),
  },
  {
    id: 'cycleMode',
    title: 'command.cycleMode',
    needs: 'thread/configure',
    available: (s) => s.thread?.job === undefined,
    run: (s) => s.configure({ mode: currentMode(s) === 'plan' ? 'live' : 'plan' }),
  },
  {
    id: 'inspectPrompt',
    title: 'command.inspectPrompt',
    needs: 'thread/inspect',
    available: (s) => s.threadId !== undefined,
    run: (s) => s.inspectPrompt(),
  },
  {
    id: 'compact',
    title: 'command.compact',
    needs: 'thread/compact',
    available: (s) => canCompact(s.thread),
    run: (s) => s.compact(),
  },
  { id: 'latency', title: 'command.latency', run: (s) => s.showOverlay('latency') },
  { id: 'keys', title: 'command.keys', keys: '?', scope: 'bare', run: (s) => s.showOverlay('keys') },
  { id: 'themeLight', title: 'command.themeLight', run: (s) => s.setPreferences({ theme: 'light' }) },
  { id: 'themeDark', title: 'command.themeDark', run: (s) => s.setPreferences({ theme: 'dark' }) },
  { id: 'themeSystem', title: 'command.themeSystem', run: (s) => s.setPreferences({ theme: 'system' }) },
  { id: 'english', title: 'command.english', run: (s) => s.setPreferences({ language: 'en' }) },
  { id: 'chinese', title: 'command.chinese', run: (s) => s.setPreferences({ language: 'zh' }) },
  {
    id: 'density',
    title: 'command.density',
    run: (s) => s.setPreferences({ density: s.density === 'compact' ? 'comfortable' : 'compact' }),
  },
]
