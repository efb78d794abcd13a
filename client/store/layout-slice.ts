import { z } from 'zod'
import { speculationSchema } from '../../core/protocol/speculation.ts'
import type { SliceTools } from './slice.ts'

/** What survives a reload. */
const preferencesSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).catch('system'),
  density: z.enum(['compact', 'comfortable']).catch('compact'),
  language: z.enum(['auto', 'en', 'zh']).catch('auto'),
  sidebarView: z.enum(['files', 'threads', 'jobs']).catch('files'),
  sidebarOpen: z.boolean().catch(true),
  chatOpen: z.boolean().catch(true),
  /** `null`: never chosen; then the sample project shows its page and other workspaces do not. */
  previewOpen: z.boolean().nullable().catch(null),
  /** What Enter does while a turn runs; `null`: as the mode has it. */
  whileRunning: z.enum(['redirect', 'steer', 'queue']).nullable().catch(null),
  /** Asked besides the current model when an edit in place is compared; `null`: the first other one. */
  inlineRival: z.string().nullable().catch(null),
  /** Jobs are told of by the browser while the page is hidden. */
  notifyOutside: z.boolean().catch(false),
  /** What is sent ahead of prompts; `null`: as the server has it. */
  speculation: speculationSchema.nullable().catch(null),
  reviewSideBySide: z.boolean().catch(false),
  reviewIgnoreWhitespace: z.boolean().catch(false),
})
type Preferences = Readonly<z.infer<typeof preferencesSchema>>

export type PhonePane = 'chat' | 'editor' | 'files' | 'jobs' | 'preview'
/** What lies over the workbench, one at a time. */
export type Overlay = 'palette' | 'quickOpen' | 'keys' | 'inspector' | 'rewind' | 'latency' | 'settings'

/** How the person likes their room. */
export interface LayoutSlice extends Preferences {
  readonly phonePane: PhonePane
  readonly overlay: Overlay | undefined
  /** The composer is to take the focus, and has not yet. */
  readonly composerFocusAsked: boolean
  /** The composer has it. */
  readonly composerFocused: boolean
  setPreferences(partial: Partial<Preferences>): void
  showPhonePane(pane: PhonePane): void
  showOverlay(overlay: Overlay | undefined): void
  focusComposer(): void
  /** It has it, or lost it. */
  noteComposerFocus(focused: boolean): void
}

const storageKey = 'tandem.layout'

export function createLayoutSlice({ get, set, deps }: SliceTools<LayoutSlice>): LayoutSlice {
  return {
    ...preferencesSchema.parse(readJson(deps.storage.getItem(storageKey))),
    phonePane: 'chat',
    overlay: undefined,
    composerFocusAsked: false,
    composerFocused: false,
    setPreferences(partial) {
      set(partial)
      deps.storage.setItem(storageKey, JSON.stringify(preferencesSchema.parse(get())))
    },
    showPhonePane: (phonePane) => set({ phonePane }),
    showOverlay: (overlay) => set({ overlay }),
    noteComposerFocus: (composerFocused) =>
      set({ composerFocused, ...(composerFocused && { composerFocusAsked: false }) }),
    focusComposer: () => {
      if (!get().chatOpen) get().setPreferences({ chatOpen: true })
      set({ composerFocusAsked: true, phonePane: 'chat' })
    },
  }
}

function readJson(text: string | null): unknown {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
