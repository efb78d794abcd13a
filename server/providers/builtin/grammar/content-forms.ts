import type { Command, CreateKind } from '../command.ts'
import { readLook } from '../style/looks.ts'
import { readColour } from '../style/words.ts'
import { type CommandForms, whereOf } from './code-forms.ts'
import { isIdentifier, isQuoted, type Slots, unquote } from './form.ts'

const become = '(改成|改为|变成|换成|设为|设成|设置为|设置成|写成|更改为|修改为)'
const placed = '[in|across|throughout|within]'

function replace(slots: Slots): Command | undefined {
  if (slots.from === undefined || slots.to === undefined || slots.from === '') return undefined
  return { type: 'replace', from: slots.from, to: slots.to, where: whereOf(slots) }
}

const create =
  (kind: CreateKind) =>
  (slots: Slots): Command | undefined => {
    const name = slots.name ?? slots.path
    if (name === undefined || name === '') return undefined
    if (kind === 'component' && !isIdentifier(name.replace(/^.*\//, '').replace(/\.[jt]sx?$/, '')))
      return undefined
    return { type: 'create', kind, name }
  }

/** `把标题改成“你好”` sets words, `把标题改成红色` a look: quotation marks and known looks decide. */
function setText(slots: Slots): Command | undefined {
  const { subject, raw } = slots
  if (subject === undefined || raw === undefined) return undefined
  if (!isQuoted(raw) && (readLook(raw) !== undefined || readColour(raw) !== undefined)) return undefined
  return { type: 'setText', subject: subject.replace(textOf, ''), text: unquote(raw) }
}

const named = '[called|named|叫|叫做|名为]'
/** What people call the words of a page. */
export const textNouns: readonly string[] = (
  'button text|button label|button|page title|title|heading|headline|subtitle|subheading|paragraph|link text|link|label|' +
  'footer|h1|h2|h3|标题|副标题|大标题|页面标题|网页标题|按钮|按钮文字|按钮文本|按钮上的文字|按钮的文字|段落|链接|链接文字|页脚|标签'
).split('|')

const textOf = /(?<=.)(?:\s+(?:text|label)|上?的?(?:文字|文本))$/i

/** Literal changes of text, new files and edits of pages. */
export const contentForms: readonly CommandForms[] = [
  {
    forms: [
      `(replace|substitute) [all] [occurrences of|instances of] {from} (with|by) {to} {all:everywhere}`,
      `(replace|substitute) [all] [occurrences of|instances of] {from} (with|by) {to} ${placed} [the] [file] {path:file}`,
      '(replace|substitute) [all] [occurrences of|instances of] {from} (with|by) {to} [here|in this file|in the file]',
      'change {from:quoted} (to|into) {to:quoted} {all:everywhere}',
      'change {from:quoted} (to|into) {to:quoted} [in [the] [file] {path:file}]',
      'change {from} (to|into) {to} in [the] [file] {path:file}',
      'in [the] [file] {path:file}[,] (replace|change) {from} (with|by|to) {to}',
      '[在] {all:everywhere} [里|中|里面|内|的] [,|，] (把|将) {from} [全部|都] (替换为|替换成|换成|替换|改成|改为) {to}',
      '[在] {path:file} [里|中|里面|内|的] [,|，] (把|将) {from} [全部|都] (替换为|替换成|换成|替换|改成|改为) {to}',
      '(把|将) {all:everywhere} [里|中|里面|内] 的 {from} [全部|都] (替换为|替换成|换成|改成|改为) {to}',
      '(把|将) {path:file} [里|中|里面|内] 的 {from} [全部|都] (替换为|替换成|换成|改成|改为) {to}',
      '(把|将) {from} [在所有文件中|在所有文件里|全部|都] (替换为|替换成) {to}',
      '(把|将) {from:quoted} [全部|都] (换成|改成|改为) {to:quoted}',
      '(替换|用) {from} (为|成|替换为) {to}',
    ],
    make: replace,
  },
  {
    forms: [
      '(remove|delete) [all] [occurrences of] {from:quoted} {all:everywhere}',
      '(remove|delete) [all] [occurrences of] {from:quoted} [(in|from) [the] [file] {path:file}]',
      '[在|从] {path:file} [里|中] (删除|删掉|移除|去掉) {from:quoted}',
      '(删除|删掉|移除|去掉) [所有|全部] {from:quoted}',
    ],
    make: (slots) => replace({ ...slots, to: '' }),
  },
  {
    forms: [
      `(create|add|generate|write|scaffold|make (a|an)) [a|an|the] [new] [react] component ${named} {name:path}`,
      `(create|make|add|generate) [a|an|the] [new] {name:path} [react] component`,
      `(创建|新建|添加|生成|写) [一个|个] [新的|新] [react] 组件 ${named} {name:path}`,
      `(创建|新建|添加|生成|写) [一个|个] [叫|名为] {name:path} [的] [react] 组件`,
    ],
    make: create('component'),
  },
  {
    forms: [
      '(create|make|add|generate|write|scaffold) [a|an|the|some] [new] [unit] (test|tests|test file) [file] (for|of) [the] [file|module] {name:path}',
      '(test|cover) {name:file}',
      '(为|给) {name:path} (创建|新建|添加|生成|写|加) [一个|个|一些] [单元] 测试 [文件]',
      '(创建|新建|添加|生成|写) [一个|个] {name:path} 的 [单元] 测试 [文件]',
    ],
    make: create('test'),
  },
  {
    forms: [
      `(create|add|generate|write|make (a|an)) [a|an|the] [new] (html page|html file|web page|webpage|page|html) ${named} {name:path}`,
      `(创建|新建|添加|生成) [一个|个] [新的|新] (html页面|HTML页面|html 页面|HTML 页面|网页|页面) ${named} {name:path}`,
    ],
    make: create('page'),
  },
  {
    forms: [
      `(create|add|generate|write|make (a|an)) [a|an|the] [new] (stylesheet|style sheet|css file|css) ${named} {name:path}`,
      `(创建|新建|添加|生成) [一个|个] [新的|新] (样式表|css文件|CSS文件|css 文件|CSS 文件|样式文件) ${named} {name:path}`,
    ],
    make: create('stylesheet'),
  },
  {
    forms: [
      `(create|add|generate|write|make (a|an)) [a|an|the] [new] [typescript|ts|javascript|js] module ${named} {name:path}`,
      `(创建|新建|添加|生成) [一个|个] [新的|新] [ts|js|TypeScript|JavaScript] 模块 ${named} {name:path}`,
    ],
    make: create('module'),
  },
  {
    forms: [
      `(create|make|add|generate|touch|write) [a|an|the] [new] [empty] file ${named} {name:path}`,
      '(create|touch|generate) [a|an|the] [new] [empty] {name:file}',
      `(创建|新建|添加|生成) [一个|个] [新的|新|空] 文件 ${named} {name:path}`,
      '(创建|新建|生成) [一个|个] [新的|新|空] {name:file} [文件]',
    ],
    make: create('file'),
  },
  {
    forms: [
      '(add|insert|append) [a|an|another] [new] paragraph [saying|with [the] [text]|that says|:|：] {text:quoted} [(to|in|after|into|at the end of) [the] {inside}]',
      '(add|insert|append) [a|an|another] [new] paragraph (saying|that says|:|：) {text}',
      '[(在|给) {inside} [里|中|后|后面|里面|下面]] (添加|加|插入|加上) [一个|一段|个] [新的|新] (段落|文字) [:|：|，内容是|内容为] {text}',
    ],
    make: addElement('p'),
  },
  {
    forms: [
      '(add|insert|append) [a|an|another] [new] [list] item [saying|with [the] [text]|that says|:|：] {text:quoted} [(to|in|into|at the end of) [the] {inside}]',
      '(add|insert|append) [a|an|another] [new] [list] item (saying|that says|:|：) {text}',
      '(add|insert|append) {text:quoted} to the [feature|features] list',
      '[(在|给) {inside} [里|中|里面]] (添加|加|插入|加上) [一个|一条|个|一项] [新的|新] (列表项|条目|列表项目) [:|：|，内容是|内容为] {text}',
    ],
    make: addElement('li'),
  },
  {
    forms: [
      '(append|add|put) {text} to [the end of] [the file] {path:file}',
      '(append|add) [a|the] line {text} to [the end of] [the file] {path:file}',
      '[在] {path:file} [末尾|最后|里|中|的末尾|的最后] (添加|追加|加上|加) [一行] {text}',
      '(把|将) {text} (添加到|追加到|加到) {path:file} [末尾|最后|里|中|的末尾|的最后]',
    ],
    make: ({ text, path }) =>
      text === undefined || path === undefined ? undefined : { type: 'append', text, path },
  },
  {
    forms: [
      `(change|set|update|make|rename) [the] [text of|label of|words of] [the] {subject:textNoun} [text|label] (to|into|say|read|:) {raw:raw}`,
      '(change|set|update) [the] (text|label|words|wording) (of|on|in) [the] {subject} (to|into) {raw:raw}',
      'make [the] {subject} say {raw:raw}',
      `[把|将] {subject:textNoun} [文字|文本|上的文字|的文字|内容|的内容] ${become} {raw:raw}`,
      `[把|将] {subject} (的文字|的文本|的内容|的标题) ${become} {raw:raw}`,
    ],
    make: setText,
  },
]

function addElement(tag: 'p' | 'li') {
  return ({ text, inside }: Slots): Command | undefined => {
    if (text === undefined || text === '') return undefined
    return { type: 'addElement', tag, text, ...(inside === undefined ? {} : { inside }) }
  }
}
