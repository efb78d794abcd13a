import type { Method } from './methods.ts'
import type { GuestRole } from './share.ts'

/** The owner runs the server or has its key. */
export type Role = GuestRole | 'owner'

/** What can be done: every request, and what a binary document frame does. */
export type Action = Method | 'document/write' | 'document/point'

/**
 * What a request is about. For a guest each must be what their link is for; `server` is nothing in particular, and a
 * `folder` is shown as far as it leads to files of the shared thread.
 */
export type AccessObject = 'server' | 'topic' | 'thread' | 'workspace' | 'folder' | 'file'

interface Access {
  readonly least: Role
  readonly object: AccessObject
}

/** THE table of who may do what. An action that is not in it can't be added: the compiler asks for its line. */
export const access = {
  'session/open': { least: 'view', object: 'server' },
  'session/ping': { least: 'view', object: 'server' },
  'topic/subscribe': { least: 'view', object: 'topic' },
  'topic/unsubscribe': { least: 'view', object: 'topic' },
  'model/list': { least: 'view', object: 'server' },
  'usage/read': { least: 'owner', object: 'server' },
  'file/list': { least: 'view', object: 'folder' },
  'file/find': { least: 'view', object: 'workspace' },
  'file/create': { least: 'owner', object: 'file' },
  'file/rename': { least: 'owner', object: 'file' },
  'file/delete': { least: 'owner', object: 'file' },
  'file/restore': { least: 'owner', object: 'workspace' },
  'preview/open': { least: 'owner', object: 'workspace' },
  'document/open': { least: 'view', object: 'file' },
  'document/history': { least: 'view', object: 'file' },
  'document/save': { least: 'edit', object: 'file' },
  // A handle is the session's own.
  'document/close': { least: 'view', object: 'server' },
  'document/point': { least: 'view', object: 'file' },
  'document/write': { least: 'edit', object: 'file' },
  'people/announce': { least: 'view', object: 'workspace' },
  'thread/create': { least: 'owner', object: 'workspace' },
  'thread/rename': { least: 'owner', object: 'thread' },
  'thread/pin': { least: 'owner', object: 'thread' },
  'thread/archive': { least: 'owner', object: 'thread' },
  'thread/search': { least: 'owner', object: 'workspace' },
  'thread/read': { least: 'view', object: 'thread' },
  'thread/history': { least: 'view', object: 'thread' },
  'thread/configure': { least: 'owner', object: 'thread' },
  'thread/warm': { least: 'steer', object: 'thread' },
  'workspace/warm': { least: 'owner', object: 'workspace' },
  'thread/inspect': { least: 'owner', object: 'thread' },
  'thread/rewindPreview': { least: 'owner', object: 'thread' },
  'thread/rewind': { least: 'owner', object: 'thread' },
  'thread/unrewind': { least: 'owner', object: 'thread' },
  'thread/window': { least: 'view', object: 'thread' },
  'thread/limits': { least: 'steer', object: 'thread' },
  'turn/switch': { least: 'owner', object: 'thread' },
  'thread/compact': { least: 'owner', object: 'thread' },
  'thread/stopCompact': { least: 'owner', object: 'thread' },
  'thread/uncompact': { least: 'owner', object: 'thread' },
  'message/pin': { least: 'owner', object: 'thread' },
  'turn/rerun': { least: 'owner', object: 'thread' },
  'thread/fork': { least: 'owner', object: 'thread' },
  'prompt/preview': { least: 'owner', object: 'thread' },
  'turn/start': { least: 'steer', object: 'thread' },
  'turn/redirect': { least: 'steer', object: 'thread' },
  'turn/interrupt': { least: 'steer', object: 'thread' },
  'turn/steer': { least: 'steer', object: 'thread' },
  'turn/pause': { least: 'steer', object: 'thread' },
  'turn/unpause': { least: 'steer', object: 'thread' },
  'turn/resume': { least: 'steer', object: 'thread' },
  'turn/compare': { least: 'owner', object: 'thread' },
  'turn/check': { least: 'edit', object: 'thread' },
  'turn/stopCheck': { least: 'edit', object: 'thread' },
  'turn/undo': { least: 'edit', object: 'thread' },
  'turn/redo': { least: 'edit', object: 'thread' },
  'edit/decide': { least: 'edit', object: 'thread' },
  'queue/add': { least: 'steer', object: 'thread' },
  'queue/edit': { least: 'steer', object: 'thread' },
  'queue/move': { least: 'steer', object: 'thread' },
  'queue/remove': { least: 'steer', object: 'thread' },
  'queue/resume': { least: 'steer', object: 'thread' },
  'review/keep': { least: 'edit', object: 'thread' },
  'review/undo': { least: 'edit', object: 'thread' },
  'review/takeBack': { least: 'edit', object: 'thread' },
  'approval/answer': { least: 'owner', object: 'thread' },
  'approval/lasting': { least: 'owner', object: 'workspace' },
  'approval/takeBack': { least: 'owner', object: 'workspace' },
  'command/stopCall': { least: 'owner', object: 'thread' },
  'command/run': { least: 'owner', object: 'thread' },
  'command/stop': { least: 'owner', object: 'thread' },
  'share/create': { least: 'owner', object: 'thread' },
  'share/list': { least: 'owner', object: 'thread' },
  'share/revoke': { least: 'owner', object: 'thread' },
  'job/list': { least: 'owner', object: 'workspace' },
  'job/start': { least: 'owner', object: 'workspace' },
  'job/pause': { least: 'owner', object: 'server' },
  'job/stop': { least: 'owner', object: 'server' },
  'job/retry': { least: 'owner', object: 'server' },
  'job/answer': { least: 'owner', object: 'server' },
  'job/decidePlan': { least: 'owner', object: 'server' },
  'schedule/list': { least: 'owner', object: 'workspace' },
  'schedule/check': { least: 'owner', object: 'server' },
  'schedule/add': { least: 'owner', object: 'workspace' },
  'schedule/pause': { least: 'owner', object: 'server' },
  'schedule/remove': { least: 'owner', object: 'server' },
  'job/extend': { least: 'owner', object: 'server' },
  'job/patch': { least: 'owner', object: 'server' },
  'job/artefacts': { least: 'owner', object: 'server' },
  'job/artefact': { least: 'owner', object: 'server' },
  'job/apply': { least: 'owner', object: 'server' },
  'job/resolve': { least: 'owner', object: 'server' },
  'job/commit': { least: 'owner', object: 'server' },
  'job/unmerge': { least: 'owner', object: 'server' },
  'job/openRequest': { least: 'owner', object: 'server' },
  'job/settleEffect': { least: 'owner', object: 'server' },
  'job/remove': { least: 'owner', object: 'server' },
  'job/discard': { least: 'owner', object: 'server' },
  'candidate/start': { least: 'owner', object: 'workspace' },
  'candidate/pick': { least: 'owner', object: 'server' },
  'candidate/compare': { least: 'owner', object: 'server' },
  'candidate/hunks': { least: 'owner', object: 'server' },
  'candidate/mix': { least: 'owner', object: 'server' },
  'candidate/dismiss': { least: 'owner', object: 'server' },
} as const satisfies Record<Action, Access>

const order: readonly Role[] = ['view', 'steer', 'edit', 'owner']

/** Whether the role is enough for the action, whatever it is about. */
export function roleMay(role: Role, action: Action): boolean {
  return order.indexOf(role) >= order.indexOf(access[action].least)
}
