import type { FileEdit, Item } from '../protocol/item.ts'
import type { ThreadEvent, ThreadState } from '../protocol/thread.ts'
import type { Turn } from '../protocol/turn.ts'

/**
 * A thread as pages follow it: without what no page shows, which is most of its bytes. The patches as the model wrote
 * them, whole files it was shown and sealed reasoning stay on the server; who wants them reads the thread.
 */
export function pageThread(thread: ThreadState): ThreadState {
  return {
    ...thread,
    turns: thread.turns.map(pageTurn),
    ...(thread.rewound && {
      rewound: thread.rewound.map((rewound) => ({ ...rewound, turns: rewound.turns.map(pageTurn) })),
    }),
  }
}

/** An event as pages see it: the same object where there is nothing to leave out. */
export function pageEvent(event: ThreadEvent): ThreadEvent {
  switch (event.type) {
    case 'item/started':
    case 'item/completed': {
      const item = pageItem(event.item)
      return item === event.item ? event : { ...event, item }
    }
    case 'turn/copied':
      return { ...event, turn: pageTurn(event.turn) }
    default:
      return event
  }
}

function pageTurn(turn: Turn): Turn {
  return { ...turn, items: turn.items.map(pageItem) }
}

/** The page offers it for the file, which takes the patch itself. */
function isSetAside(files: readonly FileEdit[]): boolean {
  return files.some(({ hunks }) => hunks.some(({ text }) => text !== undefined))
}

function pageItem(item: Item): Item {
  switch (item.type) {
    case 'fileChange':
      return item.input === '' || isSetAside(item.files) ? item : { ...item, input: '' }
    case 'context':
      return { ...item, text: '' }
    case 'opaque':
      return { ...item, data: '' }
    default:
      return item
  }
}
