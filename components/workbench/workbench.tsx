import { CandidatesDialog } from '../candidates/candidates-dialog.tsx'
import { CandidatesView } from '../candidates/candidates-view.tsx'
import { ChatPane } from '../chat/chat-pane.tsx'
import { PromptInspector } from '../chat/prompt-inspector.tsx'
import { RewindDialog } from '../history/rewind-dialog.tsx'
import { ArtefactDialog } from '../jobs/artefact-dialog.tsx'
import { HandOffDialog } from '../jobs/hand-off-dialog.tsx'
import { PatchDialog } from '../jobs/patch-dialog.tsx'
import { ReviewDeck } from '../review/review-deck.tsx'
import { GuestBar } from '../share/guest-bar.tsx'
import { ShareDialog } from '../share/share-dialog.tsx'
import { Announcer } from './announcer.tsx'
import { CommandPalette } from './command-palette.tsx'
import { DesktopPanes } from './desktop-panes.tsx'
import { Header } from './header.tsx'
import { KeysDialog } from './keys-dialog.tsx'
import { LatencyPanel } from './latency-panel.tsx'
import { Notices } from './notices.tsx'
import { OutdatedBar } from './outdated-bar.tsx'
import { PhonePanes } from './phone-panes.tsx'
import { QuickOpen } from './quick-open.tsx'
import { StatusBar } from './status-bar.tsx'
import { StoreBar } from './store-bar.tsx'
import { useWorkbench } from './store-provider.tsx'
import { UnsafeBar } from './unsafe-bar.tsx'
import { useCommandKeys } from './use-command-keys.ts'
import { useMediaQuery } from './use-media-query.ts'

/** Places the panes; nothing else. */
export function Workbench() {
  const phone = useMediaQuery('(max-width: 640px)')
  const reviewing = useWorkbench((state) => state.reviewOpen)
  const comparing = useWorkbench((state) => state.candidatesShown !== undefined)
  useCommandKeys()
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <Header phone={phone} />
      <OutdatedBar />
      <UnsafeBar />
      <StoreBar />
      <GuestBar />
      {phone ? <PhonePanes chat={<ChatPane />} /> : <DesktopPanes chat={<ChatPane />} />}
      {!phone && <StatusBar />}
      {/* What lies over them shows them itself. */}
      {!reviewing && !comparing && <Notices className="notices-place" />}
      <Announcer />
      <CommandPalette />
      <QuickOpen />
      <KeysDialog />
      <LatencyPanel />
      <ReviewDeck />
      <PromptInspector />
      <ShareDialog />
      <RewindDialog />
      <CandidatesView />
      <CandidatesDialog />
      <PatchDialog />
      <ArtefactDialog />
      <HandOffDialog />
    </div>
  )
}
