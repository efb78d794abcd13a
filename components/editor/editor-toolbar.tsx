import {
  Check,
  CheckCheck,
  ChevronDown,
  ChevronUp,
  CloudOff,
  Eye,
  EyeOff,
  Lock,
  Sparkles,
  TriangleAlert,
  Undo2,
} from 'lucide-react'
import { Fragment } from 'react'
import { writingNow } from '../../client/editor/model-writing.ts'
import { canEditInPlace } from '../../client/store/inline-field.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { unreviewedOf } from '../../client/store/selectors.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { IfMay } from '../workbench/if-may.tsx'
import { useWorkbench, useWorkbenchStore } from '../workbench/store-provider.tsx'
import { useTranslate } from '../workbench/use-translate.ts'

/** Where the file is, how safe it is, and whether the editor goes with the model. */
export function EditorToolbar({ path }: { readonly path: string }) {
  const isText = useWorkbench((state) => state.documents[path]?.phase === 'text')
  return (
    <div className="toolbar-h @container flex shrink-0 items-center gap-3 border-n6 border-b pr-2 pl-4 text-n10">
      <Breadcrumb path={path} />
      <span className="flex-1" />
      {isText && (
        <IfMay action="review/keep">
          <FileReview path={path} />
        </IfMay>
      )}
      <IfMay action="thread/create">
        <InlineEditButton />
      </IfMay>
      {isText && <SyncState path={path} />}
      <FollowToggle />
    </div>
  )
}

function Breadcrumb({ path }: { readonly path: string }) {
  const parts = path.split('/')
  const name = parts.pop()
  return (
    <p className="flex min-w-0 items-center gap-1 overflow-hidden whitespace-nowrap" title={path}>
      {parts.map((part, index) => (
        <Fragment key={index}>
          <span className="min-w-4 truncate @max-[34rem]:sr-only">{part}</span>
          <span aria-hidden className="text-n8 @max-[34rem]:hidden">
            /
          </span>
        </Fragment>
      ))}
      <span className="min-w-0 truncate text-n12">{name}</span>
    </p>
  )
}

/** What the model wrote here and nobody has judged: to walk through, or to judge as a whole. */
function FileReview({ path }: { readonly path: string }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const count = useWorkbench((state) => unreviewedOf(state, path).length)
  if (count === 0) return null
  const ids = () => unreviewedOf(store.getState(), path)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look
    <div role="group" aria-label={t('review.inFile', { path })} className="flex shrink-0 items-center gap-1">
      <span className="tabular mr-1 text-attention @max-[26rem]:sr-only">
        {t('review.unreviewed', { count })}
      </span>
      <IconButton label={t('review.previous')} onClick={() => store.getState().stepHunk(-1)}>
        <ChevronUp size={14} aria-hidden />
      </IconButton>
      <IconButton label={t('review.next')} onClick={() => store.getState().stepHunk(1)}>
        <ChevronDown size={14} aria-hidden />
      </IconButton>
      <IconButton label={t('review.keepAll')} onClick={() => store.getState().keepHunks(ids())}>
        <CheckCheck size={14} aria-hidden />
      </IconButton>
      <IconButton label={t('review.undoAll')} onClick={() => store.getState().undoHunks(ids())}>
        <Undo2 size={14} aria-hidden />
      </IconButton>
    </div>
  )
}

function InlineEditButton() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const can = useWorkbench(canEditInPlace)
  if (!can) return null
  return (
    <IconButton
      label={t('command.inlineEdit')}
      keys={showKeys('mod+k', { mac: isMac(navigator.platform) })}
      onClick={() => store.getState().openInline()}
    >
      <Sparkles size={14} aria-hidden />
    </IconButton>
  )
}

function SyncState({ path }: { readonly path: string }) {
  const t = useTranslate()
  const readOnly = useWorkbench((state) => state.documents[path]?.readOnly === true)
  const sync = useWorkbench((state) => state.documents[path]?.sync)
  const kept = useWorkbench((state) => state.documents[path]?.kept ?? 0)
  const isOnDisk = useWorkbench((state) => state.diskProblems[path] === undefined)
  const wishes = useWorkbench((state) => state.saveWishes)
  // Why, and what to do, stands below the code.
  if (!isOnDisk) {
    return (
      <p className="flex shrink-0 items-center gap-1.5 text-attention">
        <TriangleAlert size={13} aria-hidden />
        <span className="@max-[26rem]:sr-only">{t('editor.lacking')}</span>
      </p>
    )
  }
  if (readOnly) {
    return (
      <p className="flex shrink-0 items-center gap-1.5">
        <Lock size={13} aria-hidden />
        {t('editor.readOnly')}
      </p>
    )
  }
  if (sync === 'offline') {
    return (
      <p role="status" className="tandem-late flex shrink-0 items-center gap-1.5 text-attention">
        <CloudOff size={13} aria-hidden />
        {kept > 0 ? t('editor.kept', { count: kept }) : t('editor.offline')}
      </p>
    )
  }
  return (
    <p className="grid shrink-0 justify-items-end">
      {sync === 'saving' && (
        <span className="tandem-late col-start-1 row-start-1 bg-n3">{t('editor.saving')}</span>
      )}
      <span
        key={wishes}
        {...(wishes > 0 && { role: 'status' })}
        className={cx(
          'col-start-1 row-start-1 flex items-center gap-1',
          wishes > 0 && 'fade-in',
          sync === 'saving' && '-z-1',
        )}
      >
        <Check size={13} aria-hidden />
        <span className="@max-[34rem]:sr-only">{t('editor.saved')}</span>
      </span>
    </p>
  )
}

function FollowToggle() {
  const t = useTranslate()
  const following = useWorkbench(
    (state) =>
      state.following &&
      (state.unfollowedTurn === undefined ||
        state.unfollowedTurn !== writingNow(state.thread, state.openPaths)?.turnId),
  )
  const setFollowing = useWorkbench((state) => state.setFollowing)
  const Icon = following ? Eye : EyeOff
  return (
    <Tooltip label={t(following ? 'editor.followOff' : 'editor.followOn')}>
      <button
        type="button"
        aria-pressed={following}
        onClick={() => setFollowing(!following)}
        className={cx(
          'hit flex h-6 shrink-0 items-center gap-1.5 rounded-sm px-1.5 transition-colors hover:bg-n4 hover:text-n12',
          following ? 'text-n11' : 'text-n10',
        )}
      >
        <Icon size={14} aria-hidden className={following ? 'text-author-1' : undefined} />
        <span className="@max-[34rem]:sr-only">{t('editor.following')}</span>
      </button>
    </Tooltip>
  )
}
