import { describe, expect, it } from 'vitest'
import type { Command } from '../command.ts'
import { parseCommand } from './grammar.ts'

const active = { kind: 'active' } as const
const everywhere = { kind: 'everywhere' } as const
const file = (path: string) => ({ kind: 'file', path }) as const
const style = (subject: string, change: Extract<Command, { type: 'style' }>['change']): Command => ({
  type: 'style',
  subject,
  change,
})
const colour = (value: string) => ({ kind: 'colour', value }) as const
const scale = (property: string, factor: number) => ({ kind: 'scale', property, factor }) as const
const set = (property: string, value: string) => ({ kind: 'set', property, value }) as const

/** Each command in both languages, in several wordings. */
const table: readonly (readonly [command: Command, ...sentences: string[]])[] = [
  [
    { type: 'rename', from: 'priceFor', to: 'quote' },
    'rename priceFor to quote',
    'rename the priceFor function to quote',
    'Please rename the function `priceFor` to `quote`.',
    'rename priceFor → quote'.replace('→', '->'),
    'can you rename priceFor() as quote everywhere?',
    '把 priceFor 重命名为 quote',
    '请把priceFor改名为quote。',
    '帮我将函数 `priceFor` 重命名为 `quote`',
    '重命名 priceFor 为 quote',
  ],
  [
    { type: 'rename', to: 'total' },
    'rename this to total',
    'rename it to `total`',
    '把它重命名为 total',
    '把这个函数改名为 total',
  ],
  [
    { type: 'rename', from: 'Cart.total', to: 'sum' },
    'rename Cart.total to sum',
    '把 Cart.total 重命名为 sum',
  ],
  [
    { type: 'extract', what: 'function' },
    'extract a function',
    'extract function',
    'extract the selection to a function',
    '提取函数',
    '把选中的代码提取为函数',
  ],
  [
    { type: 'extract', what: 'function', name: 'subtotal' },
    'extract a function called subtotal',
    'extract this into a function named subtotal',
    '把选中的代码提取成函数 subtotal',
    '提取为新函数，叫 subtotal'.replace('，', ''),
  ],
  [
    { type: 'extract', what: 'constant' },
    'extract constant',
    'extract this to a variable',
    '提取常量',
    '提取一个变量',
  ],
  [
    { type: 'extract', what: 'constant', name: 'rate', code: 'a * b' },
    'extract `a * b` to a constant called rate',
    '把 `a * b` 提取为常量 rate',
  ],
  [
    { type: 'organizeImports', where: active },
    'organise imports',
    'organize the imports',
    'sort imports in this file',
    'remove unused imports',
    '整理导入',
    '整理 imports',
    '清理未使用的导入',
  ],
  [{ type: 'organizeImports', where: everywhere }, 'organize imports in all files', '整理所有文件的导入'],
  [
    { type: 'organizeImports', where: file('src/a.ts') },
    'organise imports in src/a.ts',
    '整理 src/a.ts 的导入'.replace('整理 src/a.ts 的导入', '在 src/a.ts 里整理导入'),
  ],
  [
    { type: 'fixErrors', where: active },
    'fix errors',
    'fix the type errors',
    'Fix all problems in this file',
    'add missing imports',
    'fix this',
    '修复错误',
    '修复这个文件的错误'.replace('这个文件的', ''),
    '解决所有报错',
    '补全缺失的导入',
  ],
  [
    { type: 'fixErrors', where: everywhere },
    'fix errors everywhere',
    'fix all errors in the whole project',
    '在整个项目中修复错误',
  ],
  [{ type: 'fixErrors', where: file('src/a.ts') }, 'fix the errors in src/a.ts', '在 src/a.ts 中修复错误'],
  [
    { type: 'inferTypes', where: active },
    'infer types',
    'add types',
    'add the missing type annotations',
    'add parameter types',
    '推断类型',
    '添加类型注解',
    '补全缺失的类型',
  ],
  [{ type: 'inferTypes', where: file('src/a.ts') }, 'add types to src/a.ts', '给 src/a.ts 添加类型'],
  [
    { type: 'convert', to: 'arrow', where: active },
    'convert this to an arrow function',
    'turn it into an arrow function',
    '改成箭头函数',
    '把这个函数改成箭头函数',
  ],
  [
    { type: 'convert', to: 'arrow', symbol: 'add', where: active },
    'convert add to an arrow function',
    'convert the function add to arrow function',
    '把 add 改成箭头函数',
  ],
  [
    { type: 'convert', to: 'function', symbol: 'add', where: active },
    'convert add to a function',
    'turn the arrow function add into a regular function',
    '把 add 改成普通函数',
  ],
  [
    { type: 'convert', to: 'import', where: active },
    'convert require to import',
    'convert the requires to imports',
    'use imports instead of require',
    'convert commonjs to esm',
    '把 require 改成 import',
    '将 require 转换为 ESM',
  ],
  [
    { type: 'convert', to: 'template', where: active },
    'convert string concatenation to template literals',
    'use template literals',
    'turn the concatenation into a template string',
    '把字符串拼接改成模板字符串',
  ],
  [
    { type: 'convert', to: 'named', where: active },
    'convert the default export to a named export',
    'convert default export to named',
    '把默认导出改成具名导出',
  ],
  [
    { type: 'convert', to: 'default', where: active },
    'convert the named export to a default export',
    '把具名导出改为默认导出',
  ],
  [
    { type: 'convert', to: 'async', symbol: 'load', where: active },
    'convert load to async/await',
    'make load async',
    '把 load 改成 async',
  ],
  [
    { type: 'replace', from: 'Lantern', to: 'Lamp', where: active },
    'replace Lantern with Lamp',
    'replace "Lantern" by "Lamp" in this file',
    '把 Lantern 替换为 Lamp',
    '将“Lantern”替换成“Lamp”',
    '把“Lantern”改成“Lamp”',
  ],
  [
    { type: 'replace', from: 'foo bar', to: 'baz', where: everywhere },
    'replace "foo bar" with "baz" everywhere',
    'Replace all occurrences of foo bar with baz in all files',
    '在所有文件中把 foo bar 替换为 baz',
    '将整个项目里的“foo bar”替换为“baz”',
  ],
  [
    { type: 'replace', from: 'a with b', to: 'c', where: file('docs/x.md') },
    'replace "a with b" with "c" in docs/x.md',
    'in docs/x.md, replace "a with b" with c',
    '在 docs/x.md 中把“a with b”替换为“c”',
    '把 docs/x.md 里的“a with b”替换为“c”',
  ],
  [
    { type: 'replace', from: 'debug', to: '', where: file('a.txt') },
    'remove "debug" from a.txt',
    '从 a.txt 中删除“debug”',
  ],
  [
    { type: 'append', text: 'dist/', path: '.gitignore' },
    'add "dist/" to .gitignore',
    'append dist/ to .gitignore',
    '在 .gitignore 末尾添加 dist/',
  ],
  [
    { type: 'explain' },
    'explain this file',
    'explain',
    'explain the selection',
    '解释一下这个文件',
    '解释这段代码',
    '解释',
  ],
  [
    { type: 'explain', subject: 'priceFor' },
    'explain priceFor',
    'what does priceFor do?',
    'explain what priceFor does',
    'how does priceFor work',
    '解释 priceFor',
    'priceFor 是做什么的？',
    '解释一下函数 priceFor',
  ],
  [
    { type: 'explain', subject: 'src/a.ts' },
    'explain src/a.ts',
    'explain the file src/a.ts',
    '解释 src/a.ts',
  ],
  [
    { type: 'usages', symbol: 'priceFor' },
    'find usages of priceFor',
    'find all references to priceFor',
    'where is priceFor used?',
    'who calls priceFor',
    'show me the uses of priceFor',
    '查找 priceFor 的用法',
    '找出 priceFor 的所有引用',
    'priceFor 在哪里被用到？',
    '谁调用了 priceFor',
  ],
  [{ type: 'usages' }, 'find usages', 'find all references', '查找引用'],
  [
    { type: 'create', kind: 'component', name: 'Card' },
    'create a React component Card',
    'add a component called Card',
    'create a Card component',
    '创建一个 React 组件 Card',
    '新建组件 Card',
  ],
  [
    { type: 'create', kind: 'test', name: 'src/x.ts' },
    'create a test for src/x.ts',
    'write tests for src/x.ts',
    '为 src/x.ts 创建测试',
    '给 src/x.ts 写测试',
  ],
  [
    { type: 'create', kind: 'file', name: 'a/b.ts' },
    'create file a/b.ts',
    'create a/b.ts',
    'make a new file called a/b.ts',
    '创建文件 a/b.ts',
    '新建一个文件 a/b.ts',
    '新建 a/b.ts',
  ],
  [
    { type: 'create', kind: 'page', name: 'about.html' },
    'create an html page about.html',
    'create a page called about.html',
    '创建一个网页 about.html',
  ],
  [
    { type: 'create', kind: 'stylesheet', name: 'theme.css' },
    'create a stylesheet theme.css',
    '创建样式表 theme.css',
  ],
  [
    { type: 'create', kind: 'module', name: 'money' },
    'create a module money',
    'create a ts module called money',
    '创建模块 money',
  ],
  [
    style('button', colour('teal')),
    'make the button teal',
    'Make the button teal!',
    'turn the button teal',
    'change the button to teal',
    'paint the button teal',
    'change the button colour to teal',
    'set the color of the button to teal',
    'i want the button to be teal',
    'could you make the button look teal please',
  ],
  [
    style('按钮', colour('teal')),
    '把按钮改成青色',
    '将按钮变成青色',
    '请把按钮的颜色改为青色',
    '把按钮颜色改成青色',
    '让按钮变成青色',
    '把按钮设为 teal',
  ],
  [style('primary button', colour('darkblue')), 'make the primary button dark blue'],
  [
    style('.card', set('background', '#eee')),
    'set background of .card to #eee',
    'set the .card background to #eee',
    'change the background of .card to #eee',
    '把 .card 的背景改成 #eee',
    '把.card背景色设为#eee',
  ],
  [
    style('heading', scale('size', 1.25)),
    'make the heading bigger',
    'make the heading larger',
    'make heading big',
  ],
  [
    style('heading', scale('size', 1.13)),
    'make the heading a bit bigger',
    'make the heading slightly larger',
  ],
  [
    style('标题', scale('size', 1.25)),
    '把标题变大',
    '让标题更大',
    '标题大一点',
    '把标题大一点',
    '把标题放大',
  ],
  [
    style('corners', scale('border-radius', 1.75)),
    'make the corners rounder',
    'make the corners more rounded',
  ],
  [style('卡片', scale('border-radius', 1.75)), '让卡片更圆一点', '把卡片变圆'],
  [
    style('cards', scale('padding', 1.5)),
    'more padding in the cards',
    'add more padding to the cards',
    'increase the padding of the cards',
    'increase the cards padding',
  ],
  [style('卡片', scale('padding', 1.5)), '卡片的内边距大一点', '增加卡片的内边距', '给卡片增加内边距'],
  [style('cards', scale('padding', 0.7)), 'less padding in the cards', 'reduce the padding in the cards'],
  [
    style('h1', set('font-size', '48px')),
    'set the font size of h1 to 48px',
    'set h1 font-size to 48px',
    'make the font size of the h1 48px',
  ],
  [style('标题', set('font-size', '48px')), '把标题的字号改成 48px', '把标题字号设为48px'],
  [style('links', set('text-decoration', 'underline')), 'make the links underlined', 'underline the links'],
  [style('标题', set('font-weight', '700')), '把标题加粗', '加粗标题'],
  [style('标题', set('text-align', 'center')), '让标题居中', '把标题居中'],
  [style('page', { kind: 'shade', toward: 'black' }), 'make the page darker'],
  [
    { type: 'setText', subject: 'title', text: 'Lantern Pro' },
    'change the title to Lantern Pro',
    'set the title to "Lantern Pro"',
  ],
  [
    { type: 'setText', subject: 'button', text: 'Buy now' },
    'change the button text to "Buy now"',
    'rename the button to Buy now',
    'rename the button to "Buy now"',
    'set the label of the button to "Buy now"',
    'make the button say "Buy now"',
  ],
  [{ type: 'setText', subject: '标题', text: '你好' }, '把标题改成“你好”', '把标题文字改为“你好”'],
  [
    { type: 'addElement', tag: 'p', text: 'Hello there' },
    'add a paragraph "Hello there"',
    'add a paragraph saying Hello there',
    '添加一个段落“Hello there”',
  ],
  [
    { type: 'addElement', tag: 'li', text: 'Fast', inside: 'features' },
    'add a list item "Fast" to the features',
    'add an item "Fast" to features',
  ],
  [{ type: 'addElement', tag: 'li', text: '很快' }, '添加列表项“很快”', '加一个列表项“很快”'],
  [{ type: 'undo' }, 'undo', 'undo that', 'undo the last change', '撤销', '撤销刚才的修改'],
  [{ type: 'connect' }, 'connect a model', 'how do I connect a model?', '如何连接模型'],
  [{ type: 'help' }, 'help', 'what can you do?', 'hello', '你能做什么', '帮助', '你好'],
]

describe('what people say', () => {
  for (const [command, ...sentences] of table) {
    for (const sentence of sentences) {
      it(`[BUILTIN-3] understands: ${sentence}`, () => expect(parseCommand(sentence)).toEqual(command))
    }
  }

  for (const sentence of [
    'write a poem about the sea',
    'make a plan for the rewrite',
    'why is the sky blue?',
    'implement OAuth login with refresh tokens',
    'refactor the whole thing to hexagonal architecture',
    '写一首关于大海的诗',
    '为什么测试会失败？',
    'rename',
    'replace with',
    'make it so',
  ]) {
    it(`[BUILTIN-4] takes for no command: ${sentence}`, () => expect(parseCommand(sentence)).toBeUndefined())
  }

  it('[BUILTIN-5] answers at once whatever is typed: no input makes the forms slow', () => {
    const attacks = [
      'replace ',
      'make the ',
      'change ',
      '把',
      'in a',
      'extract ',
      'add a paragraph ',
      '"',
      ' ',
      'with in to ',
      'a.',
      'a-',
      '的',
      '大',
      'set the a of ',
      '在',
    ]
    // An exponential form would not end within the test's time.
    for (const start of attacks) {
      for (const filler of [start, ' ', 'a', 'x with y ', '的', '"', "'", ' to ', 'a.b/']) {
        parseCommand(`${start}${filler.repeat(1500 / filler.length)}`.slice(0, 1499))
      }
    }
    expect(parseCommand('make the button teal '.repeat(200))).toBeUndefined()
  })
})
