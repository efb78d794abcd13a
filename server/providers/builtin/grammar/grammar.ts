import type { Command } from '../command.ts'
import { lookWords } from '../style/looks.ts'
import { propertyWords } from '../style/words.ts'
import { codeForms } from './code-forms.ts'
import { contentForms, textNouns } from './content-forms.ts'
import { basicKinds, compileForm, type SlotKinds } from './form.ts'
import { generalForms } from './general-forms.ts'
import { styleForms } from './style-forms.ts'

/** Longer requests are no commands; it also bounds the time the forms may take. */
const maxCommandChars = 1500

const oneOf = (words: readonly string[]): string =>
  [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(' ', '\\s+'))
    .join('|')
/** Latin words stand alone; Han words have no spaces around them. */
const words = (list: readonly string[]): string => {
  const han = list.filter((word) => /\p{Script=Han}/u.test(word))
  const latin = list.filter((word) => !han.includes(word))
  return `(?:(?<![A-Za-z])(?:${oneOf(latin)})(?![A-Za-z])${han.length > 0 ? `|${oneOf(han)}` : ''})`
}

const kinds: SlotKinds = {
  ...basicKinds,
  everywhere:
    '(?:everywhere|(?:in |across )?all (?:the )?files|in every file|(?:in |across )?the (?:whole |entire )?(?:project|workspace)|所有的?文件|全部文件|整个项目|整个工作区|项目|全局|全项目|各处)',
  extractKind: words([
    'function',
    'method',
    'helper',
    'constant',
    'const',
    'variable',
    'type',
    '函数',
    '方法',
    '常量',
    '变量',
    '类型',
  ]),
  property: words(propertyWords),
  textNoun: words(textNouns),
  look: `(?:再|更|稍微|略微)?(?:${oneOf(lookWords)})(?:一点点?|一些|些|点)?`,
  slightLook: `(?:再|更|稍微|略微)?(?:${oneOf(lookWords)})(?:一点点?|一些|些|点)`,
  imperative:
    'bold|hide|center|centre|underline|darken|lighten|brighten|enlarge|shrink|widen|narrow|round|放大|缩小|加粗|隐藏',
}

const commands = [generalForms, codeForms, contentForms, styleForms]
  .flat()
  .flatMap(({ forms, make }) => forms.map((form) => ({ test: compileForm(form, kinds), make })))

const politeStart =
  /^(?:(?:please|pls|can you|could you|would you|will you|can we|let's|hey|hi|hello|ok|okay|now|just|kindly|also|then|and|i want you to|i'd like you to|i need you to|tandem)(?![\w$])[\s,]*|(?:请你?|帮我|帮忙|麻烦你?|能不能|可不可以|可以|能否|你能|我想要?你?|现在|然后|你好)[\s，,]*)+/i
const politeEnd =
  /(?:[\s,，]*(?:(?<![\w$])(?:please|pls|thanks|thank you|for me|right now|will you)|谢谢你?|吧|好吗|可以吗|行吗|吗|呢))*[\s.!?。！？…]*$/i

/** What the words ask for; `undefined` when they are none of the sentences known. */
export function parseCommand(said: string): Command | undefined {
  if (said.length > maxCommandChars) return undefined
  const sentence = said.trim().replace(politeStart, '').replace(politeEnd, '').trim()
  for (const { test, make } of commands) {
    const slots = test(sentence)
    const command = slots && make(slots)
    if (command) return command
  }
  return undefined
}
