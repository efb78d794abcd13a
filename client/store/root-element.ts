import { resolveLanguage } from '../i18n/messages.ts'
import type { WorkbenchStore } from './store.ts'

/** Keeps theme, density and language on the root element, where styles and readers look for them. */
export function bindRootElement(
  store: WorkbenchStore,
  root: HTMLElement,
  languages: readonly string[],
): void {
  const apply = () => {
    const { theme, density, language } = store.getState()
    setOrDelete(root.dataset, 'theme', theme === 'system' ? undefined : theme)
    setOrDelete(root.dataset, 'density', density === 'comfortable' ? density : undefined)
    root.lang = resolveLanguage(language, languages) === 'zh' ? 'zh-CN' : 'en'
  }
  apply()
  store.subscribe((state, before) => {
    if (
      state.theme === before.theme &&
      state.density === before.density &&
      state.language === before.language
    )
      return
    apply()
  })
}

function setOrDelete(data: DOMStringMap, key: string, value: string | undefined): void {
  if (value === undefined) delete data[key]
  else data[key] = value
}
