import { pageEvent, pageThread } from '../../core/state/page-view.ts'
import type { TopicView } from '../relay/hub.ts'
import { isThreadEvent } from './guest-topics.ts'

/** A thread as the owner's pages follow it. */
export const pageThreadView: TopicView = {
  state: (full) => ('turns' in full ? pageThread(full) : full),
  event: (event) => (isThreadEvent(event) ? pageEvent(event) : event),
}
