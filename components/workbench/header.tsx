import { ChevronsUpDown, Plus, Settings2 } from 'lucide-react'
import { commands } from '../../client/store/commands.ts'
import { currentModel, currentWorkspace } from '../../client/store/selectors.ts'
import { mostSpeculation, speculationSchema } from '../../core/protocol/speculation.ts'
import { ShareButton } from '../share/share-button.tsx'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuChoice, MenuLabel, MenuSeparator } from '../ui/menu.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { ConnectionFact } from './connection-fact.tsx'
import { IfMay } from './if-may.tsx'
import { People } from './people.tsx'
import { useWorkbench, useWorkbenchStore } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Where one is: workspace and thread; and how one likes the page. */
export function Header({ phone }: { readonly phone: boolean }) {
  const t = useTranslate()
  const store = useWorkbenchStore()
  const title = useWorkbench((state) =>
    state.threadId
      ? (state.thread?.title ?? state.threads.find(({ id }) => id === state.threadId)?.title)
      : undefined,
  )
  const create = () => commands.find(({ id }) => id === 'newThread')?.run(store.getState())
  return (
    <header className="flex h-(--header) shrink-0 items-center gap-1 border-n6 border-b bg-n1 pr-2 pl-3">
      <Mark />
      {!phone && <span className="mr-1 font-strong text-n12">{t('app.name')}</span>}
      <WorkspaceSwitcher />
      <span aria-hidden className="text-n8">
        /
      </span>
      <h1 className="min-w-0 truncate px-1.5 text-n11" title={title}>
        <span className="sr-only">{t('header.thread')}: </span>
        {title || t('threads.untitled')}
      </h1>
      <IfMay action="thread/create">
        <IconButton label={t('threads.new')} onClick={create}>
          <Plus size={15} aria-hidden />
        </IconButton>
      </IfMay>
      <span className="flex-1" />
      {phone && <PhoneConnection />}
      <ShareButton phone={phone} />
      <People />
      <SettingsMenu />
    </header>
  )
}

/** A phone has no status bar: it says only what is not as it should be. */
function PhoneConnection() {
  const open = useWorkbench((state) => state.status === 'open')
  return open ? null : (
    <span className="text-n10 text-small">
      <ConnectionFact />
    </span>
  )
}

/** Two strokes of one word: the person's and the model's. */
function Mark() {
  return (
    <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden className="mr-1.5 shrink-0">
      <rect x="2" y="3" width="9" height="3.2" rx="1.6" fill="var(--n12)" />
      <rect x="7" y="7.4" width="9" height="3.2" rx="1.6" fill="var(--author-1)" />
      <rect x="2" y="11.8" width="6" height="3.2" rx="1.6" fill="var(--n12)" />
    </svg>
  )
}

function WorkspaceSwitcher() {
  const t = useTranslate()
  const workspaces = useWorkbench((state) => state.workspaces)
  const current = useWorkbench(currentWorkspace)
  const open = useWorkbench((state) => state.openWorkspace)
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t('header.workspace')}: ${current?.name ?? t('header.noWorkspace')}`}
          className="flex h-7 max-w-36 shrink-0 items-center gap-1 rounded-md px-1.5 text-n11 transition-colors hover:bg-n4 hover:text-n12 max-sm:max-w-24"
        >
          <span className="truncate">{current?.name ?? t('header.noWorkspace')}</span>
          <ChevronsUpDown size={13} aria-hidden className="shrink-0 text-n10" />
        </button>
      }
    >
      <MenuLabel>{t('header.workspace')}</MenuLabel>
      <MenuChoice
        value={current?.id ?? ''}
        options={workspaces.map(({ id, name, branch }) => ({
          value: id,
          label: (
            <span className="flex justify-between gap-6">
              {name}
              {branch && <span className="text-n10">{branch}</span>}
            </span>
          ),
        }))}
        onChoose={(id) => {
          const chosen = workspaces.find((workspace) => workspace.id === id)
          if (chosen) open(chosen.id)
        }}
      />
    </Menu>
  )
}

function SettingsMenu() {
  const t = useTranslate()
  const theme = useWorkbench((state) => state.theme)
  const language = useWorkbench((state) => state.language)
  const density = useWorkbench((state) => state.density)
  const set = useWorkbench((state) => state.setPreferences)
  const open = useWorkbench((state) => state.overlay === 'settings')
  const showOverlay = useWorkbench((state) => state.showOverlay)
  return (
    <Menu
      align="end"
      width="w-72"
      open={open}
      onOpenChange={(next) => showOverlay(next ? 'settings' : undefined)}
      trigger={
        <button
          type="button"
          aria-label={t('header.settings')}
          className="hit grid size-7 place-items-center rounded-md text-n10 transition-colors hover:bg-n4 hover:text-n12"
        >
          <Tooltip label={t('header.settings')}>
            <Settings2 size={16} strokeWidth={1.75} aria-hidden />
          </Tooltip>
        </button>
      }
    >
      <MenuLabel>{t('settings.language')}</MenuLabel>
      <MenuChoice
        value={language}
        options={(['auto', 'en', 'zh'] as const).map((value) => ({
          value,
          label: t(`settings.language.${value}`),
        }))}
        onChoose={(value) => set({ language: value })}
      />
      <MenuSeparator />
      <MenuLabel>{t('settings.theme')}</MenuLabel>
      <MenuChoice
        value={theme}
        options={(['system', 'light', 'dark'] as const).map((value) => ({
          value,
          label: t(`settings.theme.${value}`),
        }))}
        onChoose={(value) => set({ theme: value })}
      />
      <MenuSeparator />
      <MenuLabel>{t('settings.density')}</MenuLabel>
      <MenuChoice
        value={density}
        options={(['compact', 'comfortable'] as const).map((value) => ({
          value,
          label: t(`settings.density.${value}`),
        }))}
        onChoose={(value) => set({ density: value })}
      />
      <SpeculationChoice />
    </Menu>
  )
}

/** What of a prompt's request is sent before the prompt: less than the server allows, for who wants less. */
function SpeculationChoice() {
  const t = useTranslate()
  const chosen = useWorkbench((state) => state.speculation)
  const server = useWorkbench((state) => state.serverSpeculation)
  const model = useWorkbench(currentModel)
  const set = useWorkbench((state) => state.setPreferences)
  const most = speculationSchema.options.indexOf(mostSpeculation(server, model))
  return (
    <>
      <MenuSeparator />
      <MenuLabel>{t('settings.ahead')}</MenuLabel>
      <MenuChoice
        tall
        value={chosen ?? 'server'}
        options={(['server', ...speculationSchema.options] as const).map((value, index) => {
          const isMore = index - 1 > most
          return {
            value,
            disabled: isMore,
            label: (
              <>
                <span className="block">
                  {t(`settings.ahead.${value}`, { usual: t(`settings.ahead.${server}`) })}
                </span>
                {isMore && <span className="block text-small">{t('settings.ahead.notAllowed')}</span>}
              </>
            ),
          }
        })}
        onChoose={(value) => set({ speculation: value === 'server' ? null : value })}
      />
    </>
  )
}
