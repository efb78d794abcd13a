import { Command, Files, Keyboard, Layers, MessageSquare, MessagesSquare, MonitorPlay } from 'lucide-react'
import type { ReactNode } from 'react'
import { commands } from '../../client/store/commands.ts'
import { activeJobs } from '../../client/store/jobs-slice.ts'
import { isMac, showKeys } from '../../client/store/keys.ts'
import { isPreviewOpen, runningTurn } from '../../client/store/selectors.ts'
import { useTaskDrop } from '../jobs/use-task-drop.ts'
import { cx } from '../ui/cx.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { IfMay } from './if-may.tsx'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

const icon = { size: 18, strokeWidth: 1.6, 'aria-hidden': true } as const

/** Switches panes on and off. */
export function ActivityRail() {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const view = useWorkbench((state) => (state.sidebarOpen ? state.sidebarView : undefined))
  const previewOpen = useWorkbench(isPreviewOpen)
  const chatOpen = useWorkbench((state) => state.chatOpen)
  const drop = useTaskDrop()
  const running = useWorkbench((state) => runningTurn(state) !== undefined)
  const showSide = (wanted: 'files' | 'threads' | 'jobs') => {
    const { sidebarOpen, sidebarView, setPreferences } = store.getState()
    const same = sidebarOpen && sidebarView === wanted
    setPreferences({ sidebarOpen: !same, sidebarView: wanted })
  }
  const run = (id: string) => () => commands.find((command) => command.id === id)?.run(store.getState())
  return (
    <nav
      aria-label={t('rail.title')}
      className="flex w-11 shrink-0 flex-col items-center gap-1 border-n6 border-r bg-n1 py-1.5"
    >
      <RailButton
        label={t('rail.files')}
        on={view === 'files'}
        onClick={() => showSide('files')}
        command="toggleSidebar"
      >
        <Files {...icon} />
      </RailButton>
      <RailButton label={t('rail.threads')} on={view === 'threads'} onClick={() => showSide('threads')}>
        <MessagesSquare {...icon} />
      </RailButton>
      <IfMay action="job/list">
        <RailButton
          label={t('jobs.title')}
          on={view === 'jobs'}
          onClick={() => showSide('jobs')}
          drop={drop}
          command="showJobs"
        >
          <Layers {...icon} />
          <JobCount />
        </RailButton>
      </IfMay>
      <IfMay action="preview/open">
        <RailButton
          label={t('rail.preview')}
          on={previewOpen}
          onClick={run('togglePreview')}
          command="togglePreview"
        >
          <MonitorPlay {...icon} />
        </RailButton>
      </IfMay>
      <RailButton label={t('rail.chat')} on={chatOpen} onClick={run('toggleChat')} command="focusChat">
        <MessageSquare {...icon} />
        {running && !chatOpen && (
          <span className="absolute top-1.5 right-1.5 size-1.5 rounded-full bg-author-1" />
        )}
      </RailButton>
      <span className="flex-1" />
      <RailButton label={t('rail.commands')} onClick={run('palette')} command="palette">
        <Command {...icon} />
      </RailButton>
      <RailButton label={t('rail.keys')} onClick={run('keys')} command="keys">
        <Keyboard {...icon} />
      </RailButton>
    </nav>
  )
}

/** How many work or want something; those that want something are seen at once. */
function JobCount() {
  const count = useWorkbench(activeJobs)
  const wants = useWorkbench((state) => state.jobs.some(({ state: stands }) => stands === 'needsInput'))
  if (count === 0) return null
  return (
    <span
      aria-hidden
      className={cx(
        'tabular absolute -top-0.5 -right-0.5 min-w-4 rounded-full px-1 text-center font-strong text-[10px] leading-4',
        wants ? 'bg-attention text-n1' : 'bg-n6 text-n12',
      )}
    >
      {count > 99 ? '99+' : count}
    </span>
  )
}

function RailButton(props: {
  readonly label: string
  /** `undefined` for what opens something over the workbench. */
  readonly on?: boolean
  readonly command?: string
  /** What is dropped on it. */
  readonly drop?: ReturnType<typeof useTaskDrop>
  readonly onClick: () => void
  readonly children: ReactNode
}) {
  const keys = commands.find(({ id }) => id === props.command)?.keys
  return (
    <Tooltip
      label={props.label}
      side="right"
      keys={keys && showKeys(keys, { mac: isMac(navigator.platform) })}
    >
      <button
        type="button"
        aria-label={props.label}
        aria-pressed={props.on}
        onClick={props.onClick}
        {...props.drop?.dropProps}
        className={cx(
          'relative grid size-8 place-items-center rounded-md transition-colors hover:bg-n4 hover:text-n12',
          props.on === true ? 'bg-n4 text-n12' : 'text-n10',
          props.drop?.over && 'outline-2 outline-accent',
        )}
      >
        {props.children}
      </button>
    </Tooltip>
  )
}
