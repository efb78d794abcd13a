import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '../../core/lib/clock.ts'
import { mintId, type Random } from '../../core/lib/random.ts'
import { RequestError } from '../../core/protocol/errors.ts'
import {
  type ThreadId,
  threadIdSchema,
  type WorkspaceId,
  workspaceIdSchema,
} from '../../core/protocol/ids.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type GuestRole, guestRoleSchema, type ShareId, shareIdSchema } from '../../core/protocol/share.ts'
import type { Store } from '../store/store.ts'
import type { Actor } from './actor.ts'

const linkSchema = z.object({
  id: shareIdSchema,
  threadId: threadIdSchema,
  workspaceId: workspaceIdSchema,
  role: guestRoleSchema,
  sharedBy: z.string(),
  createdAt: z.number().int(),
  expiresAt: z.number().int().optional(),
  /** Of the token in the link: the token itself is not kept. */
  tokenHash: z.string(),
})
type Link = z.infer<typeof linkSchema>

const shareEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('share/created'), link: linkSchema }),
  /** The token was exchanged for a cookie, of which only the hash is kept. */
  z.object({ type: z.literal('share/joined'), linkId: shareIdSchema, cookieHash: z.string() }),
  z.object({ type: z.literal('share/revoked'), linkId: shareIdSchema }),
])
type ShareEvent = z.infer<typeof shareEventSchema>

export type LinkProblem = 'unknown' | 'revoked' | 'expired'
type Found = { readonly link: Link } | { readonly problem: LinkProblem }

/** The links people made, folded from their log. */
export class ShareLinks {
  readonly #store: Store
  readonly #clock: Clock
  readonly #random: Random
  readonly #links = new Map<ShareId, Link>()
  readonly #revoked = new Set<ShareId>()
  readonly #byToken = new Map<string, ShareId>()
  readonly #byCookie = new Map<string, ShareId>()
  #seq = 0
  #last: Promise<void> = Promise.resolve()

  constructor({ store, clock, random }: { store: Store; clock: Clock; random: Random }) {
    this.#store = store
    this.#clock = clock
    this.#random = random
  }

  async start(): Promise<void> {
    for (const { seq, body } of await this.#store.readEvents(topic, 0)) {
      this.#fold(shareEventSchema.parse(JSON.parse(body)))
      this.#seq = seq
    }
  }

  /** Resolves when the link is durable. Its token (256 bits) is known to nobody afterwards. */
  async create(options: {
    readonly threadId: ThreadId
    readonly workspaceId: WorkspaceId
    readonly role: GuestRole
    readonly sharedBy: string
    readonly expiresInMs: number | undefined
  }): Promise<{ readonly link: Link; readonly token: string }> {
    const { expiresInMs, ...rest } = options
    if (this.list(options.threadId).length >= limits.shareLinks) {
      throw new RequestError('tooLarge', `A thread has at most ${limits.shareLinks} links; withdraw some.`)
    }
    const token = secret()
    const createdAt = this.#clock.now()
    const link: Link = {
      ...rest,
      id: shareIdSchema.parse(mintId('shr', this.#random)),
      createdAt,
      tokenHash: hashOf(token),
      ...(expiresInMs !== undefined && { expiresAt: createdAt + expiresInMs }),
    }
    await this.#append({ type: 'share/created', link })
    return { link, token }
  }

  /** Those of a thread that work, the newest first. */
  list(threadId: ThreadId): readonly Link[] {
    const works = (link: Link) => link.threadId === threadId && this.#problemOf(link) === undefined
    return [...this.#links.values()].filter(works).reverse()
  }

  /** Resolves when it is durable; from then on nobody gets in by the link. */
  async revoke(threadId: ThreadId, linkId: ShareId): Promise<void> {
    if (this.#links.get(linkId)?.threadId !== threadId) {
      throw new RequestError('notFound', 'There is no such link to this thread.')
    }
    if (!this.#revoked.has(linkId)) await this.#append({ type: 'share/revoked', linkId })
  }

  /** A cookie for the token of a link that works. */
  async exchange(
    token: string,
  ): Promise<{ readonly cookie: string; readonly link: Link } | { readonly problem: LinkProblem }> {
    const found = this.#find(this.#byToken.get(hashOf(token)))
    if ('problem' in found) return found
    // The same for all who come by the link, and for each time they do: a link has one row, however often it is opened.
    const cookie = createHmac('sha256', token).update('guest cookie').digest('base64url')
    const cookieHash = hashOf(cookie)
    if (!this.#byCookie.has(cookieHash))
      await this.#append({ type: 'share/joined', linkId: found.link.id, cookieHash })
    return { cookie, link: found.link }
  }

  /** Who holds the cookie, or why they are let in no more. */
  guest(cookie: string): { readonly actor: Actor } | { readonly problem: LinkProblem } {
    const found = this.#find(this.#byCookie.get(hashOf(cookie)))
    if ('problem' in found) return found
    const { id, role, threadId, workspaceId, sharedBy, expiresAt } = found.link
    const pass = {
      linkId: id,
      role,
      threadId,
      workspaceId,
      sharedBy,
      ...(expiresAt !== undefined && { expiresAt }),
    }
    return { actor: { kind: 'guest', pass } }
  }

  /** Why a link works no more. */
  problem(id: ShareId): LinkProblem | undefined {
    const found = this.#find(id)
    return 'problem' in found ? found.problem : undefined
  }

  #find(id: ShareId | undefined): Found {
    const link = id === undefined ? undefined : this.#links.get(id)
    if (!link) return { problem: 'unknown' }
    const problem = this.#problemOf(link)
    return problem === undefined ? { link } : { problem }
  }

  #problemOf({ id, expiresAt }: Link): LinkProblem | undefined {
    if (this.#revoked.has(id)) return 'revoked'
    return expiresAt !== undefined && expiresAt <= this.#clock.now() ? 'expired' : undefined
  }

  /** In order, one at a time: what the store refuses is folded nowhere. */
  #append(event: ShareEvent): Promise<void> {
    const appended = this.#last.then(async () => {
      const row = { seq: this.#seq + 1, at: this.#clock.now(), body: JSON.stringify(event) }
      await this.#store.appendEvents(topic, [row])
      this.#seq = row.seq
      this.#fold(event)
    })
    this.#last = appended.catch(() => undefined)
    return appended
  }

  #fold(event: ShareEvent): void {
    switch (event.type) {
      case 'share/created':
        this.#links.set(event.link.id, event.link)
        this.#byToken.set(event.link.tokenHash, event.link.id)
        return
      case 'share/joined':
        this.#byCookie.set(event.cookieHash, event.linkId)
        return
      case 'share/revoked':
        this.#revoked.add(event.linkId)
    }
  }
}

const topic = 'shares'

function secret(): string {
  return randomBytes(32).toString('base64url')
}

/** A lookup by hash tells nothing about the secret by the time it takes. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
