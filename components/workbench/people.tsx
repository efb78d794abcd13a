import { Eye, EyeOff } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import type { Person, Presence } from '../../core/protocol/people.ts'
import { cx } from '../ui/cx.ts'
import { useWorkbench } from './store-provider.tsx'
import { useTranslate } from './use-translate.ts'

/** Faces shown beside one another; of more there is a count. */
const shown = 4

/** Who has this workspace open, and the way to go with them. */
export function People() {
  const t = useTranslate()
  const self = useWorkbench((state) => state.self)
  const people = useWorkbench((state) => state.people)
  const followed = useWorkbench((state) => state.followedPerson)
  const count = people.length > 0 ? t('people.count', { count: people.length }) : t('people.alone')
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          aria-label={`${t('people.title')}: ${count}`}
          className="hit flex h-7 shrink-0 items-center rounded-md px-1 transition-colors hover:bg-n4"
        >
          {people.slice(0, shown).map((person) => (
            <Face key={person.id} person={person} ring={person.id === followed} />
          ))}
          {people.length > shown && <span className="tabular px-1 text-n10">+{people.length - shown}</span>}
          <Face person={self} />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t('people.title')}
          className="pop fade-in z-50 w-72 p-1 outline-none"
        >
          <OwnName key={self.name} />
          {people.length === 0 && <p className="px-2 pt-1 pb-1.5 text-n10">{t('people.alone')}</p>}
          <ul>
            {people.map((person) => (
              <PersonRow key={person.id} person={person} followed={person.id === followed} />
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Face({ person, ring }: { readonly person: Omit<Presence, 'path'>; readonly ring?: boolean }) {
  return (
    <span
      aria-hidden
      title={person.name}
      style={{ background: `var(--author-${person.color + 2})` }}
      className={cx(
        '-ml-1 grid size-5 place-items-center rounded-full border-2 font-strong text-n1 text-small first:ml-0',
        ring === true ? 'border-accent' : 'border-n1',
      )}
    >
      {Array.from(person.name)[0]?.toUpperCase()}
    </span>
  )
}

function OwnName() {
  const t = useTranslate()
  const self = useWorkbench((state) => state.self)
  const rename = useWorkbench((state) => state.renameSelf)
  const [name, setName] = useState<string>(self.name)
  return (
    <label className="flex items-center gap-2 border-n6 border-b px-2 pt-1 pb-2">
      <Face person={self} />
      <input
        aria-label={t('people.rename')}
        value={name}
        maxLength={40}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => rename(name)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.keyCode === 229) return
          event.preventDefault()
          rename(name)
        }}
        className="h-7 min-w-0 flex-1 rounded-sm border border-n7 bg-n3 px-2 text-n12 outline-none focus:border-accent max-sm:text-[16px]"
      />
    </label>
  )
}

function PersonRow({ person, followed }: { readonly person: Person; readonly followed: boolean }) {
  const t = useTranslate()
  const follow = useWorkbench((state) => state.followPerson)
  const { name, path } = person
  const Icon = followed ? EyeOff : Eye
  return (
    <li>
      <button
        type="button"
        aria-pressed={followed}
        aria-label={t(followed ? 'people.unfollow' : 'people.follow', { name })}
        onClick={() => follow(followed ? undefined : person.id)}
        className="flex w-full items-center gap-2 rounded-sm px-2 py-1 text-left transition-colors hover:bg-n4"
      >
        <Face person={person} ring={followed} />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-n12">{name}</span>
          <span className="block truncate text-n10 text-small">
            {path === undefined ? t('people.nowhere') : t('people.in', { path })}
          </span>
        </span>
        <Icon size={14} aria-hidden className="shrink-0 text-n10" />
      </button>
    </li>
  )
}
