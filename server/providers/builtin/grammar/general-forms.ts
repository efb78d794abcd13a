import type { CommandForms } from './code-forms.ts'

/** About the assistant itself. */
export const generalForms: readonly CommandForms[] = [
  {
    forms: [
      '(undo|revert|roll back|take back) [that|it|this|the last|last|your|the]* [change|changes|edit|edits|turn|step|one]',
      '(撤销|撤回|还原|回退|取消) [刚才的|上一步|上次的|这次|刚刚的|最后的|你的]* [修改|更改|编辑|操作|改动]',
    ],
    make: () => ({ type: 'undo' }),
  },
  {
    forms: [
      '[how] [do|can|to]* [i|we]* (connect|add|use|configure|set up|setup) [a|an|the|my|another|real|real language]* (model|models|language model|llm|api key|ai|gpt|ollama|cerebras|openai) [key]',
      '[怎么|怎样|如何|怎么样]* (连接|添加|接入|配置|使用|设置) [一个|真正的|大|语言]* (模型|语言模型|大模型|AI|密钥|api key|Ollama|OpenAI|Cerebras)',
    ],
    make: () => ({ type: 'connect' }),
  },
  {
    forms: [
      'help [me]',
      'what (can|do) you (do|understand|know)',
      '[show] [me|the]* commands',
      '',
      '(帮助|帮忙|你会什么|你能做什么|能做什么|做什么|可以做什么|做些什么|会什么|会做什么|你会做什么|有什么功能|有哪些命令|命令)',
    ],
    make: () => ({ type: 'help' }),
  },
]
