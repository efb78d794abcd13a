import { assertNever } from '../lib/assert-never.ts'
import type { Compaction } from '../protocol/compaction.ts'
import type { Item, PromptContext } from '../protocol/item.ts'
import type { QueuedPrompt } from '../protocol/queue.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/** A guest asked for something in it: the model sees no more of the workspace then than the guest does. */
export function isGuestTurn(turn: Turn): boolean {
  return turn.items.some((item) => item.type === 'userMessage' && item.guest !== undefined)
}

/**
 * The files a guest of the thread may see: those its edits reached, and those its owner's prompts pointed at. What a
 * guest's own prompt names, or an edit that came to nothing, opens no file.
 */
export function sharedPaths(thread: ThreadState): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const turn of thread.turns) {
    for (const item of turn.items) {
      if (item.type === 'userMessage' && item.guest === undefined) {
        for (const path of pathsIn(item.context)) paths.add(path)
      }
      if (item.type !== 'fileChange') continue
      for (const { path, movedTo, place, hunks } of item.files) {
        if (!hunks.some(({ status }) => status !== 'dropped')) continue
        // What is made where a file was before it moved is another one.
        if (place !== undefined) paths.add(place)
        else for (const known of [path, movedTo]) if (known !== undefined) paths.add(known)
      }
    }
  }
  return paths
}

function pathsIn(context: PromptContext | undefined): readonly string[] {
  const mentioned = (context?.mentions ?? []).flatMap((mention) =>
    mention.kind === 'file' || mention.kind === 'selection' ? [mention.path] : [],
  )
  return context?.activePath === undefined ? mentioned : [context.activePath, ...mentioned]
}

/** A thread as guests see it: what was said and written, without what the model was shown besides. */
export function guestThread(thread: ThreadState): ThreadState {
  // Where a fork comes from is a thread they do not know.
  // And what commands wrote may hold anything.
  const { origin: _, commands: __, approvals: ___, reached: ____, ...rest } = thread
  return {
    ...rest,
    turns: thread.turns.map(guestTurn),
    ...(thread.compactions && { compactions: thread.compactions.map(guestCompaction) }),
    ...(thread.compacting && { compacting: { status: thread.compacting.status } }),
    ...(thread.queue && { queue: thread.queue.map(guestPrompt) }),
    ...(thread.rewound && {
      rewound: thread.rewound.map((rewound) => ({ ...rewound, turns: rewound.turns.map(guestTurn) })),
    }),
  }
}

/** An event as guests see it; its place in the log stays filled. `undefined`: nothing of it is for them. */
export function guestEvent(event: ThreadEvent, thread: ThreadState): ThreadEvent | undefined {
  switch (event.type) {
    case 'item/started':
    case 'item/completed':
      return { ...event, item: guestItem(event.item) }
    case 'item/delta': {
      const items = thread.turns.find(({ id }) => id === event.turnId)?.items ?? []
      const item = items.findLast(({ id }) => id === event.itemId)
      return item?.type === 'agentMessage' || item?.type === 'reasoning' ? event : undefined
    }
    case 'approval/asked':
    case 'approval/answered':
    case 'approval/used':
    case 'approval/withdrawn':
    case 'command/started':
    case 'command/reached':
    case 'command/output':
    case 'command/settled':
      return undefined
    case 'queue/changed':
      return { ...event, queue: event.queue.map(guestPrompt) }
    case 'thread/created': {
      const { origin: _, job: __, part: ___, ...rest } = event
      return rest
    }
    case 'thread/compacted':
      return { ...event, compaction: guestCompaction(event.compaction) }
    case 'thread/compacting':
      return { ...event, ...(event.compacting && { compacting: { status: event.compacting.status } }) }
    case 'turn/copied':
      return { ...event, turn: guestTurn(event.turn) }
    case 'thread/renamed':
    case 'thread/configured':
    case 'turn/started':
    case 'item/statusChanged':
    case 'edit/fileChanged':
    case 'edit/hunkChanged':
    case 'turn/retrying':
    case 'turn/movedOn':
    case 'turn/waiting':
    case 'turn/admitted':
    case 'turn/resumed':
    case 'turn/stepRestarted':
    case 'turn/usageReported':
    case 'turn/measured':
    case 'turn/called':
    case 'turn/compared':
    case 'turn/checked':
    case 'turn/planned':
    case 'turn/settled':
    case 'turn/undone':
    case 'turn/redone':
    case 'review/kept':
    case 'review/undone':
    case 'review/takenBack':
    case 'steer/applied':
    case 'steer/returned':
    case 'turn/paused':
    case 'turn/unpaused':
    case 'thread/rewound':
    case 'thread/unrewound':
    case 'thread/uncompacted':
    case 'message/pinned':
    // Of files the thread wrote in; of a folder no more than leads to them.
    case 'thread/fileMoved':
      return event
    default:
      return assertNever(event, 'thread event')
  }
}

function guestTurn(turn: Turn): Turn {
  return { ...turn, items: turn.items.map(guestItem) }
}

function guestItem(item: Item): Item {
  switch (item.type) {
    case 'userMessage': {
      const { context: _, ...rest } = item
      return rest
    }
    case 'toolCall':
      return { ...item, input: '', output: '' }
    case 'fileChange':
      return { ...item, input: '', output: '' }
    case 'context':
      return { ...item, text: '' }
    case 'opaque':
      return { ...item, data: '' }
    case 'agentMessage':
    case 'reasoning':
      return item
  }
}

/** It may tell what tools and attachments showed. */
function guestCompaction({ sealed: _, ...compaction }: Compaction): Compaction {
  return { ...compaction, summary: '' }
}

function guestPrompt(prompt: QueuedPrompt): QueuedPrompt {
  return { ...prompt, context: { openPaths: [] } }
}
