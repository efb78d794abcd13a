import { agentsMessages } from './agents-messages.ts'
import { candidatesMessages } from './candidates-messages.ts'
import { chatMessages } from './chat-messages.ts'
import { checkMessages } from './check-messages.ts'
import { commandMessages } from './command-messages.ts'
import { contextMessages } from './context-messages.ts'
import { editorMessages } from './editor-messages.ts'
import { historyMessages } from './history-messages.ts'
import { inlineMessages } from './inline-messages.ts'
import { jobsMessages } from './jobs-messages.ts'
import { latencyMessages } from './latency-messages.ts'
import { peopleMessages } from './people-messages.ts'
import { queueMessages } from './queue-messages.ts'
import { quotaMessages } from './quota-messages.ts'
import { replayMessages } from './replay-messages.ts'
import { reviewMessages } from './review-messages.ts'
import { scheduleMessages } from './schedule-messages.ts'
import { shareMessages } from './share-messages.ts'
import { steerMessages } from './steer-messages.ts'
import { threadsMessages } from './threads-messages.ts'
import { windowMessages } from './window-messages.ts'
import { workbenchMessages } from './workbench-messages.ts'

export type Language = 'en' | 'zh'

const en = {
  ...workbenchMessages.en,
  ...windowMessages.en,
  ...quotaMessages.en,
  ...chatMessages.en,
  ...checkMessages.en,
  ...commandMessages.en,
  ...editorMessages.en,
  ...contextMessages.en,
  ...peopleMessages.en,
  ...reviewMessages.en,
  ...threadsMessages.en,
  ...queueMessages.en,
  ...steerMessages.en,
  ...historyMessages.en,
  ...inlineMessages.en,
  ...scheduleMessages.en,
  ...shareMessages.en,
  ...replayMessages.en,
  ...jobsMessages.en,
  ...agentsMessages.en,
  ...candidatesMessages.en,
  ...latencyMessages.en,
}
export type MessageKey = keyof typeof en

/** Every word the page says, by language. The type makes a missing Chinese key an error; a test does the same. */
export const messages: Record<Language, Record<MessageKey, string>> = {
  en,
  zh: {
    ...workbenchMessages.zh,
    ...windowMessages.zh,
    ...quotaMessages.zh,
    ...chatMessages.zh,
    ...checkMessages.zh,
    ...commandMessages.zh,
    ...editorMessages.zh,
    ...contextMessages.zh,
    ...peopleMessages.zh,
    ...reviewMessages.zh,
    ...threadsMessages.zh,
    ...queueMessages.zh,
    ...steerMessages.zh,
    ...historyMessages.zh,
    ...inlineMessages.zh,
    ...scheduleMessages.zh,
    ...shareMessages.zh,
    ...replayMessages.zh,
    ...jobsMessages.zh,
    ...agentsMessages.zh,
    ...candidatesMessages.zh,
    ...latencyMessages.zh,
  },
}

export type MessageParams = Readonly<Record<string, string | number>>
export type Translate = (key: MessageKey, params?: MessageParams) => string

/** Fills `{name}` from `params`; `{count|match|matches}` picks the first word for 1. */
export function createTranslate(language: Language): Translate {
  const catalogue = messages[language]
  return (key, params) => {
    const text = catalogue[key]
    if (!params) return text
    return text.replace(
      /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
      (whole, name: string, one?: string, many?: string) => {
        const value = params[name]
        if (value === undefined) return whole
        if (one !== undefined && many !== undefined) return value === 1 ? one : many
        return String(value)
      },
    )
  }
}

/** `auto` follows the first language of the browser that the page speaks. */
export function resolveLanguage(choice: 'auto' | Language, preferred: readonly string[]): Language {
  if (choice !== 'auto') return choice
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0]
    if (base === 'zh' || base === 'en') return base
  }
  return 'en'
}
