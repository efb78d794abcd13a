import { posix } from 'node:path'
import { parsePage } from '../content/page.ts'
import { parseRules } from '../style/stylesheet.ts'
import { code, plural, type Workbench } from './workbench.ts'

/** A few facts about a file that is no code. */
export function summariseDocument(bench: Workbench, path: string, text: string, lines: number): string {
  const { say } = bench
  const head = say(`${code(path)}: ${plural(lines, 'line')}.`, `${code(path)}：${lines} 行。`)
  switch (posix.extname(path)) {
    case '.css':
    case '.scss':
    case '.less': {
      const rules = parseRules(text)
      const variables = new Set(
        rules.flatMap((rule) =>
          rule.declarations.map(({ property }) => property).filter((name) => name.startsWith('--')),
        ),
      )
      const selectors = rules.slice(0, 12).map((rule) => code(rule.selector))
      return say(
        `${head} A stylesheet with ${plural(rules.length, 'rule')} and ${plural(variables.size, 'custom property').replace('propertys', 'properties')}. It begins with ${selectors.join(', ')}.`,
        `${head} 样式表，有 ${rules.length} 条规则、${variables.size} 个自定义属性。开头的选择器：${selectors.join('、')}。`,
      )
    }
    case '.html':
    case '.htm': {
      const page = parsePage(text)
      const named = (tag: string): string =>
        page
          .filter((element) => element.tag === tag)
          .map(({ start, end }) => code(plain(text.slice(start, end))))
          .join(', ')
      return say(
        `${head} A page titled ${named('title') || '(nothing)'}; headings: ${named('h1') || 'none'} ${named('h2')}; ${plural(page.length, 'element')}.`,
        `${head} 网页，标题是 ${named('title') || '（无）'}；主标题：${named('h1') || '无'} ${named('h2')}；共 ${page.length} 个元素。`,
      )
    }
    case '.md': {
      const headings = text
        .split('\n')
        .filter((line) => /^#{1,3} /.test(line))
        .slice(0, 12)
      return `${head} ${say('Its headings:', '它的标题：')} ${headings.map((line) => code(line.replace(/^#+ /, ''))).join(', ')}`
    }
    default:
      return `${head} ${say('It is no code I can analyse.', '这不是我能分析的代码。')}`
  }
}

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 100)
}
