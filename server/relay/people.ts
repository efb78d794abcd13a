import type { WorkspaceId } from '../../core/protocol/ids.ts'
import type { Person, Presence } from '../../core/protocol/people.ts'

type OnPeople = (change: { readonly workspaceId: WorkspaceId; readonly people: readonly Person[] }) => void

/** Who has which workspace open. A session is in one workspace at a time. */
export class People {
  readonly #onChange: OnPeople
  readonly #here = new Map<string, { readonly workspaceId: WorkspaceId; readonly person: Person }>()

  constructor(onChange: OnPeople) {
    this.#onChange = onChange
  }

  announce(sessionId: string, workspaceId: WorkspaceId, presence: Presence): void {
    const before = this.#here.get(sessionId)?.workspaceId
    this.#here.set(sessionId, { workspaceId, person: { id: sessionId, ...presence } })
    this.#tell(workspaceId)
    if (before !== undefined && before !== workspaceId) this.#tell(before)
  }

  leave(sessionId: string): void {
    const before = this.#here.get(sessionId)
    if (!this.#here.delete(sessionId) || !before) return
    this.#tell(before.workspaceId)
  }

  in(workspaceId: WorkspaceId): readonly Person[] {
    return [...this.#here.values()].flatMap((entry) =>
      entry.workspaceId === workspaceId ? [entry.person] : [],
    )
  }

  nameOf(sessionId: string): string | undefined {
    return this.#here.get(sessionId)?.person.name
  }

  #tell(workspaceId: WorkspaceId): void {
    this.#onChange({ workspaceId, people: this.in(workspaceId) })
  }
}
