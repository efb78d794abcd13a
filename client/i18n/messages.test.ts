import { describe, expect, test } from 'vitest'
import { errorCodes } from '../../core/protocol/errors.ts'
import { modelFailureCodes } from '../../core/protocol/model.ts'
import { createTranslate, messages, resolveLanguage } from './messages.ts'

const parameters = (text: string) =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort()

describe('messages', () => {
  test('[LANG-1] English and Chinese have the same keys, none empty, with the same parameters', () => {
    expect(Object.keys(messages.zh).sort()).toEqual(Object.keys(messages.en).sort())
    for (const [key, english] of Object.entries(messages.en)) {
      const chinese = Object.entries(messages.zh).find(([name]) => name === key)?.[1] ?? ''
      expect(chinese, key).not.toBe('')
      expect(parameters(chinese), key).toEqual(parameters(english))
    }
  })

  test('[LANG-1] every failure and every error has its sentence', () => {
    const wanted = [
      ...modelFailureCodes.map((code) => `failure.${code}`),
      ...Object.keys(errorCodes).map((code) => `error.${code}`),
    ]
    for (const key of wanted) expect(Object.keys(messages.en)).toContain(key)
  })

  test('[LANG-2] parameters are filled and words follow their count', () => {
    const t = createTranslate('en')
    expect(t('tool.matches', { count: 1 })).toBe('1 match')
    expect(t('tool.matches', { count: 12 })).toBe('12 matches')
    expect(t('tool.read', { what: '$& {what}' })).toBe('Read $& {what}')
    expect(createTranslate('zh')('tool.matches', { count: 1 })).toBe('1 处匹配')
  })

  test('[LANG-2] auto takes the first language of the browser that the page speaks', () => {
    expect(resolveLanguage('auto', ['fr-FR', 'zh-TW', 'en'])).toBe('zh')
    expect(resolveLanguage('auto', ['en-GB', 'zh'])).toBe('en')
    expect(resolveLanguage('auto', ['fr'])).toBe('en')
    expect(resolveLanguage('zh', ['en'])).toBe('zh')
  })
})
