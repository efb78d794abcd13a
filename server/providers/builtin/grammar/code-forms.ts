import type { Command, ConvertKind, ExtractKind, Where } from '../command.ts'
import { type Form, isIdentifier, type Slots } from './form.ts'

/** Ways of asking for one thing. `make` answers `undefined` when the slots don't fit after all. */
export interface CommandForms {
  readonly forms: readonly Form[]
  readonly make: (slots: Slots) => Command | undefined
}

const here = 'here|in this file|this file|in the [current|active|open] file|the [current|active|open] file'
const hereChinese = '当前文件|这个文件|此文件|本文件'

/** Where a command works, from the slots of the forms `[in] {path}`, `{all}` and nothing. */
export function whereOf(slots: Slots): Where {
  if (slots.all !== undefined) return { kind: 'everywhere' }
  return slots.path === undefined ? { kind: 'active' } : { kind: 'file', path: slots.path }
}

/** The same sentence for the active file, everywhere and one named file. */
function inPlaces(english: readonly Form[], chinese: readonly Form[]): CommandForms['forms'] {
  return [
    ...english.flatMap((form) => [
      `${form} [${here}]`,
      `${form} {all:everywhere}`,
      `${form} (in|of|for|to) [the] [file] {path:file}`,
    ]),
    ...chinese.flatMap((form) => [
      `[在|给|对|把|将] [${hereChinese}] [里|中|里面|的] [所有] ${form}`,
      `[在|给|对|把|将] {all:everywhere} [里|中|里面|的] [所有] ${form}`,
      `[在|给|对|把|将] {path:file} [里|中|里面|的] [所有] ${form}`,
    ]),
  ]
}

function rename(slots: Slots): Command | undefined {
  const from = bare(slots.from)
  const to = bare(slots.to)
  if (to === undefined || !isIdentifier(to)) return undefined
  return from === undefined || /^(?:it|this|that)$/i.test(from)
    ? { type: 'rename', to }
    : { type: 'rename', from, to }
}

function bare(symbol: string | undefined): string | undefined {
  return symbol?.replace(/\(\)$/, '')
}

const extractKinds: Readonly<Record<string, ExtractKind>> = {
  function: 'function',
  method: 'function',
  helper: 'function',
  constant: 'constant',
  const: 'constant',
  variable: 'constant',
  type: 'type',
  函数: 'function',
  方法: 'function',
  常量: 'constant',
  变量: 'constant',
  类型: 'type',
}

function extract(slots: Slots): Command | undefined {
  const what = extractKinds[(slots.what ?? 'function').toLowerCase()]
  if (what === undefined) return undefined
  const code = slots.code === undefined || selectionWords.test(slots.code) ? undefined : slots.code
  return {
    type: 'extract',
    what,
    ...(slots.name === undefined ? {} : { name: slots.name }),
    ...(code === undefined ? {} : { code }),
  }
}

const selectionWords =
  /^(?:the |this |my )?(?:selection|selected (?:code|lines|text)|code|lines|this|it|that|选中的?(?:代码|部分|内容)?|选区|所选代码|这段代码|这段)$/i

const convertTo =
  (to: ConvertKind) =>
  (slots: Slots): Command => ({
    type: 'convert',
    to,
    ...(slots.symbol === undefined ? {} : { symbol: slots.symbol }),
    where: whereOf(slots),
  })

const this_ = '[this|it|that|the function|the code|这个函数|这个|它|函数]'

export const codeForms: readonly CommandForms[] = [
  {
    forms: [
      'rename [the] {from:symbol} (function|variable|class|method|type|interface|constant|property) (to|as|into) {to:symbol}',
      // With an article alone it is an element of a page: `rename the button to Buy`.
      'rename [[the] (symbol|function|variable|class|method|type|interface|constant|property)] [from] {from:symbol} (to|as|into|->|=>) {to:symbol} [everywhere|in all files|in the [whole] project|across [all] files]',
      'rename [the] [symbol|function] [at the cursor|under the cursor|here] (to|as|into) {to:symbol}',
      'call {from:symbol} {to:symbol} instead',
      'change the name of {from:symbol} (to|into) {to:symbol}',
      '[把|将] [函数|变量|类|方法|类型|常量] {from:symbol} [这个] [函数|变量|类|方法|类型|常量] [在所有文件中|全部] (重命名为|重命名成|重命名|改名为|改名成|改名|更名为|改名叫) {to:symbol}',
      '(重命名|改名) {from:symbol} (为|成|到|->|=>|叫) {to:symbol}',
      '[把|将] [它|这个|光标处的符号|这个函数|这个变量|这个符号] (重命名为|改名为|改名叫|更名为|重命名成) {to:symbol}',
    ],
    make: rename,
  },
  {
    forms: [
      'extract [a|an|the] [new] {what:extractKind} [from|out of] [the] [selection|selected code|this|here] [(called|named|as) {name:symbol}]',
      'extract {code} (to|into|as) [a|an|the] [new] {what:extractKind} [(called|named|as)] [{name:symbol}]',
      'extract [a|an|the] [new] {what:extractKind} [from] {code:quoted} (called|named|as) {name:symbol}',
      'extract [a|an] {what:extractKind} {name:symbol} [from the selection]',
      'extract [the] [selection|this|selected code]',
      'move [the] (selection|selected code|this) (to|into) [a|an] [new] {what:extractKind} [[called|named] {name:symbol}]',
      '[把|将] {code} (提取为|提取成|抽取为|抽取成|抽成|提成|提取到) [一个|新的|新] {what:extractKind} [叫|名为|命名为|叫做] [{name:symbol}]',
      '(提取|抽取) [一个|成|为|出] [新的|新] {what:extractKind} [叫|名为|命名为|叫做] [{name:symbol}]',
      '(提取|抽取) [选中的代码|选中代码|选区|这段代码] [为|成|到] [一个|新的] {what:extractKind} [叫|名为|命名为|叫做] [{name:symbol}]',
    ],
    make: extract,
  },
  {
    forms: [
      '(整理|排序|清理) {all:everywhere} [里|中] [的] [所有] (导入|引入|imports|import)',
      '(整理|排序|清理) {path:file} [里|中] [的] [所有] (导入|引入|imports|import)',
    ],
    make: (slots) => ({ type: 'organizeImports', where: whereOf(slots) }),
  },
  {
    forms: [
      '(修复|修正|解决) {all:everywhere} [里|中] [的] [所有] (错误|问题|报错)',
      '(修复|修正|解决) {path:file} [里|中] [的] [所有] (错误|问题|报错)',
      `(修复|修正|解决) (${hereChinese}) [里|中] [的] [所有] (错误|问题|报错)`,
    ],
    make: (slots) => ({ type: 'fixErrors', where: whereOf(slots) }),
  },
  {
    forms: inPlaces(
      [
        '(organise|organize|sort|tidy|tidy up|clean|clean up) [up] [the|all|my] [unused] (imports|import statements)',
        'remove [the|all] unused imports',
      ],
      [
        '(整理|排序|清理) [一下] [未使用的|无用的] (导入|引入|import|imports|导入语句)',
        '(删除|移除) (未使用的|无用的|多余的) (导入|引入|import|imports)',
      ],
    ),
    make: (slots) => ({ type: 'organizeImports', where: whereOf(slots) }),
  },
  {
    forms: inPlaces(
      [
        '(fix|repair|resolve|correct) [the|all|my|any] [type|compile|compiler|typescript|ts|code] (errors|error|problems|problem|issues|mistakes)',
        '(fix|repair) [it|this]',
        '(add|fix|resolve) [the|all|any] missing (imports|import)',
      ],
      [
        '(修复|修正|解决|改正) [一下] [这些|这个|类型|编译|代码|全部|所有]* [的] (错误|问题|报错)',
        '(添加|补全|补上|修复|补) [缺失的|缺少的|缺失|缺少] (导入|引入|import|imports)',
      ],
    ),
    make: (slots) => ({ type: 'fixErrors', where: whereOf(slots) }),
  },
  {
    forms: inPlaces(
      [
        '(infer|add|annotate|fill in|write) [the|all] [missing|parameter|return|explicit]* (types|type annotations|type|annotations|typings)',
        'annotate [the] (parameters|functions|types)',
      ],
      [
        '(推断|推导|添加|补全|补充|补|加上|加|标注) [一下] [缺失的|参数|返回值|返回]* [的] (类型|类型注解|类型标注)',
      ],
    ),
    make: (slots) => ({ type: 'inferTypes', where: whereOf(slots) }),
  },
  {
    forms: inPlaces(
      [
        '(convert|change|turn|rewrite|migrate) [the|all] (require calls|requires|require|commonjs|common js|cjs) [calls|statements] (to|into|as) [es|es6|esm] (imports|import|modules|esm|es modules|module)',
        '(convert|turn|rewrite) [this|it|the file] (to|into) (esm|es modules|es module)',
        'use (imports|import|esm|es modules) instead of (require|commonjs)',
      ],
      [
        '(require|CommonJS|commonjs) [调用|语句] (改成|转成|转换为|转换成|换成|改为|转为) (import|ESM|ES模块|导入|ES 模块)',
      ],
    ),
    make: convertTo('import'),
  },
  {
    forms: inPlaces(
      [
        '(convert|change|turn|rewrite) [the|all|this|these]* (string concatenation|string concatenations|concatenations|concatenation|concatenated strings|string concat|strings|string) (to|into|as) [a] (template literals|template literal|template strings|template string|templates|template)',
        'use (template literals|template strings|a template literal) [instead of concatenation]',
      ],
      [
        '(字符串拼接|字符串连接|拼接|字符串) [全部|都] (改成|转成|转换为|转换成|换成|改为|转为) (模板字符串|模板字面量|模板)',
      ],
    ),
    make: convertTo('template'),
  },
  {
    forms: [
      `(convert|change|turn|rewrite|make) (${this_}|[the] [function] {symbol:symbol}) (to|into|as|) [an] (arrow|arrow function|lambda) [function]`,
      `[把|将] ({symbol:symbol} [函数]|${this_}) (改成|转成|转换为|转换成|换成|改为|转为|改写成) 箭头函数`,
    ],
    make: convertTo('arrow'),
  },
  {
    forms: [
      `(convert|change|turn|rewrite|make) (${this_}|[the] [arrow] [function] {symbol:symbol}|[the] arrow function|the arrow) (to|into|as) [a] [normal|regular|named|plain] (function|function declaration)`,
      `[把|将] ({symbol:symbol} [函数]|${this_}|箭头函数) (改成|转成|转换为|转换成|换成|改为|转为|改写成) [普通|命名|具名] (函数|函数声明|function)`,
    ],
    make: convertTo('function'),
  },
  {
    forms: [
      `(convert|change|turn|rewrite|make) (${this_}|[the] [function] {symbol:symbol}|promises|[the] promise chain|then chains) (to|into|use|as|) [an] (async|async await|async/await|async function|async functions)`,
      `[把|将] ({symbol:symbol} [函数]|${this_}|promise|Promise) (改成|转成|转换为|转换成|换成|改为|转为|改写成) (async|异步|异步函数|async函数|async/await)`,
    ],
    make: convertTo('async'),
  },
  {
    forms: [
      ...inPlaces(
        [
          '(convert|change|turn|make) [the|this]* (default export|export default|export) (to|into|a) [a] (named export|named)',
          'use (a|) named export',
        ],
        [
          '(默认导出|default导出|default export) (改成|转成|转换为|转换成|换成|改为|转为) (具名导出|命名导出|named export)',
        ],
      ),
      '(convert|change|turn|make) {symbol:symbol} (to|into|a) [a] (named export)',
    ],
    make: convertTo('named'),
  },
  {
    forms: [
      ...inPlaces(
        [
          '(convert|change|turn|make) [the|this]* (named export|export|named exports) (to|into|a|the) [a|the] (default export|default)',
          'use (a|) default export',
        ],
        [
          '(具名导出|命名导出|named export|导出) (改成|转成|转换为|转换成|换成|改为|转为) (默认导出|default export|default导出)',
        ],
      ),
      '(convert|change|turn|make) {symbol:symbol} (to|into|a|the) [a|the] (default export)',
      '(把|将) {symbol:symbol} (改成|设为|改为|转成|转为) 默认导出',
    ],
    make: convertTo('default'),
  },
  {
    forms: [
      'find [all] [the] (usages|uses|references|usage|callers) [of|to|for] [the] [function|symbol|class|variable] [{symbol:symbol}]',
      '(where|who) (is|are|calls|uses) {symbol:symbol} [used|called|referenced]',
      'show [me] [all] [the] (usages|uses|references|callers) [of|to|for] [{symbol:symbol}]',
      '(usages|uses|references|callers) [of|to|for] {symbol:symbol}',
      '(查找|找到|找出|找|列出|显示) [一下] [所有] {symbol:symbol} [在哪里] [被] [的] [所有] (用法|引用|使用|调用|使用处|引用处|使用的地方|调用处)',
      '(查找|找出|列出|显示) [所有] (用法|引用|调用)',
      '(哪里|哪些地方|谁|哪儿) [使用|用|调用|引用] [了|到了|到] {symbol:symbol}',
      '{symbol:symbol} (在哪里|在哪|在哪儿|在哪些地方) [被] (用到|使用|用|引用|调用|用过|用到了|被调用|被使用) [了|过]',
    ],
    make: (slots) => {
      const symbol = bare(slots.symbol)
      return symbol === undefined || /^(?:this|it)$/i.test(symbol)
        ? { type: 'usages' }
        : { type: 'usages', symbol }
    },
  },
  {
    forms: [
      '(explain|describe|summarise|summarize) [to me] [this|it|the] [file|code|symbol|active file|page|module|selection]',
      '(explain|describe|document|summarise|summarize) [to me] [what|how] [the] [function|class|symbol|type|file|code in] {subject:path} [does|is|works|means]',
      'what (is|does) [the] [function|class|type] {subject:path} [do|mean|for]',
      'how does {subject:path} work',
      'tell me about {subject:path}',
      '(解释|说明|介绍|讲解|讲讲) [一下|下] [当前|这个|此|这段|本] [文件|代码|符号|页面|模块|函数]',
      '(解释|说明|介绍|讲解|讲讲) [一下|下] [函数|类|文件|变量] {subject:path} [函数|类|文件] [是什么|的作用|做什么|是做什么的]',
      '{subject:path} (是什么|是什么意思|有什么用|做什么|是做什么的|怎么用|干什么用的|干什么的)',
      '(这个文件|这段代码|当前文件|这是|它是) [是|做|干] [什么|做什么|什么意思] [的]',
    ],
    make: (slots) => {
      const subject = bare(slots.subject)
      return subject === undefined || /^(?:this|it|that|code|file|here|what)$/i.test(subject)
        ? { type: 'explain' }
        : { type: 'explain', subject }
    },
  },
]
