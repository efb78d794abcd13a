import { createContext, useContext } from 'react'
import { createTranslate, type Language, type Translate } from '../../client/i18n/messages.ts'

interface Speech {
  readonly language: Language
  readonly t: Translate
}

/** The language in use and its words. */
export const SpeechContext = createContext<Speech>({ language: 'en', t: createTranslate('en') })

export function useTranslate(): Translate {
  return useContext(SpeechContext).t
}

export function useLanguage(): Language {
  return useContext(SpeechContext).language
}
