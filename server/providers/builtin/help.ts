import type { Language } from './request-context.ts'

/** What the assistant can do, with sentences that work, and how to get a model. */
export function helpText(language: Language, lead: 'unknown' | 'asked'): string {
  return [
    language === 'zh' ? leads.zh[lead] : leads.en[lead],
    language === 'zh' ? abilitiesChinese : abilities,
    connectText(language),
  ].join('\n\n')
}

const leads = {
  en: {
    unknown:
      'I did not understand that. I am the built-in assistant, not a language model: I know a fixed set of commands.',
    asked: 'I am the built-in assistant, not a language model: I know a fixed set of commands.',
  },
  zh: {
    unknown: '我没有理解这句话。我是内置助手，不是语言模型，只懂固定的一组命令。',
    asked: '我是内置助手，不是语言模型，只懂固定的一组命令。',
  },
}

const abilities = `Here is what I can do:

- **Rename** across files: “rename priceFor to quote”
- **Extract** the selection: “extract a function called subtotal”
- **Imports, errors, types**: “organise imports”, “fix errors”, “infer types”
- **Convert**: “convert this to an arrow function”, “convert require to import”, “use template literals”, “convert the default export to a named export”
- **Replace**: “replace Foo with Bar everywhere”
- **Look around**: “explain priceFor”, “find usages of priceFor”
- **Create**: “create a React component Card”, “create a test for src/x.ts”, “create file notes.md”
- **Style**: “make the button teal”, “make the heading bigger”, “more padding in the cards”
- **Pages**: “change the title to Hello”, “add a paragraph "Hello"”`

const abilitiesChinese = `我能做的事：

- **跨文件重命名**：“把 priceFor 重命名为 quote”
- **提取**选中的代码：“提取函数 subtotal”
- **导入、错误、类型**：“整理导入”、“修复错误”、“推断类型”
- **转换**：“改成箭头函数”、“把 require 改成 import”、“把字符串拼接改成模板字符串”、“把默认导出改成具名导出”
- **替换**：“在所有文件中把 Foo 替换为 Bar”
- **查看**：“解释 priceFor”、“查找 priceFor 的用法”
- **创建**：“创建一个 React 组件 Card”、“为 src/x.ts 创建测试”、“创建文件 notes.md”
- **样式**：“把按钮改成青色”、“标题大一点”、“增加卡片的内边距”
- **页面**：“把标题改成“你好””、“添加一个段落“你好””`

/** How to connect a language model. */
export function connectText(language: Language): string {
  return language === 'zh'
    ? `要处理其他请求，请连接一个语言模型，然后重新启动 Tandem：

- 设置环境变量 \`OPENAI_API_KEY\` 或 \`CEREBRAS_API_KEY\`；
- 或在本机运行模型服务：Ollama、LM Studio、llama.cpp 或 vLLM 会被自动发现；
- 或在 \`tandem.config.json\` 中写明服务地址和模型。`
    : `For anything else, connect a language model and start Tandem again:

- set \`OPENAI_API_KEY\` or \`CEREBRAS_API_KEY\` in its environment;
- or run a local server: Ollama, LM Studio, llama.cpp and vLLM are found by themselves;
- or name a server and its models in \`tandem.config.json\`.`
}

export function undoText(language: Language): string {
  return language === 'zh'
    ? '请按“撤销本轮”（Undo turn）按钮：它会收回这一轮的全部修改，并保留你之后输入的内容。'
    : 'Press “Undo turn”: it takes back everything this turn changed and keeps what you typed since.'
}
