import type { z } from 'zod'
import { type Random, randomInt } from '../../core/lib/random.ts'
import { type Person, type Presence, personColors, presenceSchema } from '../../core/protocol/people.ts'
import type { DocumentsSlice } from './documents-slice.ts'
import type { SliceTools } from './slice.ts'
import type { WorkspaceSlice } from './workspace-slice.ts'

/** Who is here, and whom one goes with. */
export interface PeopleSlice {
  /** How the others see this person. */
  readonly self: Omit<Presence, 'path'>
  /** The others in this workspace; who has several tabs open is there once. */
  readonly people: readonly Person[]
  /** The person whose file and caret this page shows wherever they go; their session's id. */
  readonly followedPerson: string | undefined
  renameSelf(name: string): void
  followPerson(id: string | undefined): void
  /** Tells the others where this person is, and again whenever that changes. */
  announce(): void
}

type Needs = PeopleSlice &
  Pick<DocumentsSlice, 'activePath' | 'openFile'> &
  Pick<WorkspaceSlice, 'workspaceId'>

const storageKey = 'tandem.person'
const selfSchema = presenceSchema.omit({ path: true })

export function createPeopleSlice({ get, set, deps }: SliceTools<Needs>): PeopleSlice {
  const { connection, storage, random } = deps
  let sessionId: string | undefined
  let told = ''

  connection.onStatus((status, session) => {
    told = ''
    const before = sessionId
    sessionId = session?.sessionId
    if (status === 'open') get().announce()
    else if (before !== undefined) set({ people: [], followedPerson: undefined })
  })
  connection.onEvent(({ topic, event }) => {
    if (event.type === 'people/changed' && topic === `workspace:${get().workspaceId}`) show(event.people)
  })

  /** Who came first keeps the colour; the other takes one that is free. */
  function differFrom(all: readonly Person[]): void {
    const { self } = get()
    const isTaken = (color: number) =>
      all.some((person) => person.color === color && person.name !== self.name)
    const at = all.findIndex(({ id }) => id === sessionId)
    if (!all.slice(0, Math.max(0, at)).some(({ color, name }) => color === self.color && name !== self.name))
      return
    const free = Array.from({ length: personColors }, (_, color) => color).find((color) => !isTaken(color))
    if (free === undefined) return
    set({ self: { ...self, color: free } })
    get().announce()
  }

  function show(all: readonly Person[]): void {
    differFrom(all)
    const { self, followedPerson } = get()
    const keyOf = ({ name, color }: Omit<Presence, 'path'>) => `${color} ${name}`
    const seen = new Set([keyOf(self)])
    const people = all.filter((person) => {
      const isNew = person.id !== sessionId && !seen.has(keyOf(person))
      return isNew && seen.add(keyOf(person))
    })
    const followed = people.find(({ id }) => id === followedPerson)
    set({ people, followedPerson: followed?.id })
    if (followed?.path !== undefined && followed.path !== get().activePath)
      get().openFile(followed.path, { quietly: true })
  }

  return {
    self: readSelf(storage.getItem(storageKey)) ?? mintSelf(random),
    people: [],
    followedPerson: undefined,
    renameSelf(name) {
      const self = selfSchema.safeParse({ ...get().self, name })
      if (!self.success) return
      storage.setItem(storageKey, JSON.stringify(self.data))
      set({ self: self.data })
      get().announce()
    },
    followPerson(id) {
      set({ followedPerson: id })
      show(get().people)
    },
    announce() {
      const { workspaceId, self, activePath } = get()
      if (!workspaceId) return
      storage.setItem(storageKey, JSON.stringify(self))
      const presence = { ...self, ...(activePath !== undefined && { path: activePath }) }
      const next = JSON.stringify([workspaceId, presence])
      if (next === told) return
      told = next
      connection.request('people/announce', { workspaceId, presence }).then(
        ({ people }) => {
          if (get().workspaceId === workspaceId) show(people)
        },
        () => {
          // Who is here is no loss: the next connection asks anew.
        },
      )
    },
  }
}

function readSelf(text: string | null): z.infer<typeof selfSchema> | undefined {
  try {
    return selfSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}

/** Until people say who they are. */
const names = ['Heron', 'Otter', 'Lynx', 'Finch', 'Marten', 'Plover', 'Ibex', 'Tern', 'Badger', 'Swift']

function mintSelf(random: Random): z.infer<typeof selfSchema> {
  const name = names[randomInt(random, names.length)] ?? 'Heron'
  return { name, color: randomInt(random, personColors) }
}
