import type { JobState } from '../../core/protocol/job.ts'
import { createTranslate, type MessageKey, resolveLanguage } from '../i18n/messages.ts'
import type { WorkbenchState, WorkbenchStore } from './store.ts'

const words: Partial<Record<JobState, MessageKey>> = {
  done: 'jobs.doneNotice',
  failed: 'jobs.failedNotice',
  needsInput: 'jobs.needsNotice',
}

/** Tells of jobs by the browser while the page is not looked at, if the person wants that. */
export function bindOutsideNotices(store: WorkbenchStore, page: Window & typeof globalThis): void {
  store.subscribe((state, before) => {
    if (state.jobs === before.jobs || !state.notifyOutside || !('Notification' in page)) return
    if (page.Notification.permission !== 'granted' || !page.document.hidden) return
    const t = createTranslate(resolveLanguage(state.language, page.navigator.languages))
    for (const job of state.jobs) {
      const known = before.jobs.find(({ id }) => id === job.id)
      const key = words[job.state]
      if (!known || known.state === job.state || !key || job.parentId !== undefined) continue
      // Another tab of this page that tells the same replaces it.
      const options = {
        tag: `${job.id}.${job.state}`,
        body: job.needs?.kind === 'answer' ? job.needs.question : '',
      }
      const notice = new page.Notification(t(key, { title: job.title }), options)
      notice.onclick = () => {
        page.focus()
        store.getState().openJob(job.id)
        notice.close()
      }
    }
  })
}

/** Asks the browser, which may ask the person: only after a click of theirs. */
export async function askToNotify({ setPreferences, notify }: WorkbenchState): Promise<void> {
  const allowed = 'Notification' in window ? await Notification.requestPermission() : 'denied'
  setPreferences({ notifyOutside: allowed === 'granted' })
  if (allowed !== 'granted') notify({ tone: 'danger', key: 'outside.denied' })
}
