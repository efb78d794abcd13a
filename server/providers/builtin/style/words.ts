/** The words of style commands, English and Chinese, and what they mean in CSS. Data only. */

/** Chinese names of colours; shades are `深` (dark) and `浅` (light) before them. */
const chineseColours: Readonly<Record<string, string>> = {
  红: 'red',
  大红: 'red',
  橙: 'orange',
  橘: 'orange',
  黄: 'yellow',
  金: 'gold',
  绿: 'green',
  墨绿: 'darkgreen',
  橄榄: 'olive',
  青: 'teal',
  青绿: 'teal',
  蓝绿: 'teal',
  蓝: 'blue',
  天蓝: 'skyblue',
  藏青: 'navy',
  海军蓝: 'navy',
  宝蓝: 'royalblue',
  靛: 'indigo',
  靛蓝: 'indigo',
  紫: 'purple',
  粉: 'pink',
  粉红: 'pink',
  品红: 'magenta',
  棕: 'brown',
  褐: 'brown',
  咖啡: 'saddlebrown',
  黑: 'black',
  白: 'white',
  灰: 'gray',
  银: 'silver',
  珊瑚: 'coral',
  番茄: 'tomato',
  米: 'beige',
  深红: 'darkred',
  深绿: 'darkgreen',
  深蓝: 'darkblue',
  深灰: 'dimgray',
  浅红: 'lightcoral',
  浅绿: 'lightgreen',
  浅蓝: 'lightblue',
  浅灰: 'lightgray',
  浅黄: 'lightyellow',
}

/** The colours CSS knows by name, with their values for judging contrast. */
export const namedColours: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'aliceblue f0f8ff antiquewhite faebd7 aqua 00ffff aquamarine 7fffd4 azure f0ffff beige f5f5dc bisque ffe4c4 ' +
    'black 000000 blanchedalmond ffebcd blue 0000ff blueviolet 8a2be2 brown a52a2a burlywood deb887 cadetblue 5f9ea0 ' +
    'chartreuse 7fff00 chocolate d2691e coral ff7f50 cornflowerblue 6495ed cornsilk fff8dc crimson dc143c cyan 00ffff ' +
    'darkblue 00008b darkcyan 008b8b darkgoldenrod b8860b darkgray a9a9a9 darkgreen 006400 darkkhaki bdb76b ' +
    'darkmagenta 8b008b darkolivegreen 556b2f darkorange ff8c00 darkorchid 9932cc darkred 8b0000 darksalmon e9967a ' +
    'darkseagreen 8fbc8f darkslateblue 483d8b darkslategray 2f4f4f darkturquoise 00ced1 darkviolet 9400d3 deeppink ff1493 ' +
    'deepskyblue 00bfff dimgray 696969 dodgerblue 1e90ff firebrick b22222 floralwhite fffaf0 forestgreen 228b22 ' +
    'fuchsia ff00ff gainsboro dcdcdc ghostwhite f8f8ff gold ffd700 goldenrod daa520 gray 808080 green 008000 ' +
    'greenyellow adff2f grey 808080 honeydew f0fff0 hotpink ff69b4 indianred cd5c5c indigo 4b0082 ivory fffff0 ' +
    'khaki f0e68c lavender e6e6fa lavenderblush fff0f5 lawngreen 7cfc00 lemonchiffon fffacd lightblue add8e6 ' +
    'lightcoral f08080 lightcyan e0ffff lightgray d3d3d3 lightgrey d3d3d3 lightgreen 90ee90 lightpink ffb6c1 ' +
    'lightsalmon ffa07a lightseagreen 20b2aa lightskyblue 87cefa lightslategray 778899 lightsteelblue b0c4de ' +
    'lightyellow ffffe0 lime 00ff00 limegreen 32cd32 linen faf0e6 magenta ff00ff maroon 800000 mediumaquamarine 66cdaa ' +
    'mediumblue 0000cd mediumorchid ba55d3 mediumpurple 9370db mediumseagreen 3cb371 mediumslateblue 7b68ee ' +
    'mediumspringgreen 00fa9a mediumturquoise 48d1cc mediumvioletred c71585 midnightblue 191970 mintcream f5fffa ' +
    'mistyrose ffe4e1 moccasin ffe4b5 navajowhite ffdead navy 000080 oldlace fdf5e6 olive 808000 olivedrab 6b8e23 ' +
    'orange ffa500 orangered ff4500 orchid da70d6 palegoldenrod eee8aa palegreen 98fb98 paleturquoise afeeee ' +
    'palevioletred db7093 papayawhip ffefd5 peachpuff ffdab9 peru cd853f pink ffc0cb plum dda0dd powderblue b0e0e6 ' +
    'purple 800080 rebeccapurple 663399 red ff0000 rosybrown bc8f8f royalblue 4169e1 saddlebrown 8b4513 salmon fa8072 ' +
    'sandybrown f4a460 seagreen 2e8b57 seashell fff5ee sienna a0522d silver c0c0c0 skyblue 87ceeb slateblue 6a5acd ' +
    'slategray 708090 slategrey 708090 snow fffafa springgreen 00ff7f steelblue 4682b4 tan d2b48c teal 008080 ' +
    'thistle d8bfd8 tomato ff6347 turquoise 40e0d0 violet ee82ee wheat f5deb3 white ffffff whitesmoke f5f5f5 ' +
    'yellow ffff00 yellowgreen 9acd32'
  )
    .match(/\S+ \S+/g)
    ?.map((pair) => pair.split(' ') as [string, string]) ?? [],
)

/** A colour in CSS, from a name in either language, hex or a colour function; `undefined` when it is none. */
export function readColour(words: string): string | undefined {
  const text = words.trim().toLowerCase()
  if (/^#(?:[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/.test(text)) return text
  if (
    /^(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color|color-mix)a?\([\w\s.,%/+#-]+(?:\([\w\s.,%/-]*\))?[\w\s.,%/+#-]*\)$/.test(
      text,
    )
  ) {
    return text
  }
  if (/^var\(--[\w-]+\)$/.test(text)) return text
  if (text === 'transparent' || text === '透明') return 'transparent'
  const joined = text.replace(/^deep (?!pink|sky)/, 'dark ').replace(/[\s-]+/g, '')
  if (Object.hasOwn(namedColours, joined)) return joined
  const shade = /^(dark|light|pale)(\w+)$/.exec(joined)
  if (shade?.[2] !== undefined && Object.hasOwn(namedColours, shade[2])) {
    return `color-mix(in oklab, ${shade[2]} 70%, ${shade[1] === 'dark' ? 'black' : 'white'})`
  }
  const chinese = text
    .replace(/的?颜?色$/, '')
    .replace(/^(?:暗|深)色?/, '深')
    .replace(/^(?:淡|浅)色?/, '浅')
  return Object.hasOwn(chineseColours, chinese) ? chineseColours[chinese] : undefined
}

/** Names of properties people use, longest first where one contains another. */
const propertyNames: Readonly<Record<string, string>> = {
  'background color': 'background',
  'background colour': 'background',
  background: 'background',
  bg: 'background',
  fill: 'background',
  'text color': 'color',
  'text colour': 'color',
  'font color': 'color',
  'font colour': 'color',
  'font size': 'font-size',
  'text size': 'font-size',
  size: 'size',
  'font weight': 'font-weight',
  weight: 'font-weight',
  font: 'font-family',
  'font family': 'font-family',
  'corner radius': 'border-radius',
  'border radius': 'border-radius',
  radius: 'border-radius',
  rounding: 'border-radius',
  corners: 'border-radius',
  'inner spacing': 'padding',
  padding: 'padding',
  space: 'padding',
  spacing: 'padding',
  'outer spacing': 'margin',
  margin: 'margin',
  gap: 'gap',
  border: 'border',
  'border color': 'border-color',
  'border colour': 'border-color',
  'border width': 'border-width',
  width: 'width',
  'max width': 'max-width',
  height: 'height',
  shadow: 'box-shadow',
  'line height': 'line-height',
  'line spacing': 'line-height',
  'letter spacing': 'letter-spacing',
  opacity: 'opacity',
  alignment: 'text-align',
  display: 'display',
  cursor: 'cursor',
  color: 'colour',
  colour: 'colour',
  背景颜色: 'background',
  背景色: 'background',
  背景: 'background',
  底色: 'background',
  文字颜色: 'color',
  字体颜色: 'color',
  文本颜色: 'color',
  字色: 'color',
  颜色: 'colour',
  字号: 'font-size',
  字体大小: 'font-size',
  文字大小: 'font-size',
  大小: 'size',
  尺寸: 'size',
  字重: 'font-weight',
  粗细: 'font-weight',
  字体: 'font-family',
  圆角: 'border-radius',
  圆角半径: 'border-radius',
  内边距: 'padding',
  内间距: 'padding',
  留白: 'padding',
  外边距: 'margin',
  外间距: 'margin',
  间距: 'gap',
  边框: 'border',
  边框颜色: 'border-color',
  宽度: 'width',
  最大宽度: 'max-width',
  高度: 'height',
  阴影: 'box-shadow',
  行高: 'line-height',
  行距: 'line-height',
  字间距: 'letter-spacing',
  不透明度: 'opacity',
  透明度: 'opacity',
  对齐: 'text-align',
}

/** Every name of a property, for the grammar. */
export const propertyWords: readonly string[] = [...Object.keys(propertyNames), '-?-?[a-z]+(?:-[a-z]+)+']

/** A CSS property from the name a person gives it; `colour` and `size` depend on the element. */
export function readProperty(words: string): string | undefined {
  const text = words.trim().toLowerCase()
  if (/^-?-?[a-z]+(?:-[a-z]+)+$|^--[\w-]+$/.test(text)) return text
  return Object.hasOwn(propertyNames, text) ? propertyNames[text] : undefined
}

export interface ElementWord {
  /** Selectors it may mean, the likeliest first. */
  readonly selectors: readonly string[]
  /** Its colour is that of its words, its size that of its font. */
  readonly text: boolean
}

const elements: readonly (readonly [names: string, selectors: string, kind: 'text' | 'box'])[] = [
  ['button buttons btn cta 按钮 按键', '.button .btn button .cta', 'box'],
  ['heading headings headline title h1 标题 大标题 主标题', 'h1 .heading .headline .title', 'text'],
  ['subheading subheadings subtitle 副标题 小标题', 'h2 .subtitle .subheading .lede .lead h3', 'text'],
  ['card cards tile tiles panel 卡片 面板', '.card .tile .panel', 'box'],
  ['link links anchor 链接 超链接', 'a .link', 'text'],
  ['text copy 正文 文字 文本', 'body p .text .copy', 'text'],
  ['paragraph paragraphs 段落', 'p .text .copy', 'text'],
  ['page body site website background 页面 网页 网站 背景 整个页面', 'body html :root', 'box'],
  ['header topbar 页眉 页头 顶栏 头部', 'header .header .site-header .topbar', 'box'],
  ['nav navigation menu navbar 导航 导航栏 菜单', 'nav .nav .navbar .menu', 'box'],
  ['footer 页脚 底部', 'footer .footer .site-footer', 'box'],
  ['image images picture photo img 图片 图像 照片', 'img .image picture', 'box'],
  ['input inputs field textbox 输入框 文本框', 'input .input .field', 'box'],
  ['list 列表', 'ul .list ol', 'box'],
  ['item items 列表项 条目', 'li .item', 'text'],
  ['table 表格', 'table .table', 'box'],
  ['hero banner 横幅 首屏', '.hero .banner', 'box'],
  ['badge tag pill 徽章 标签', '.badge .tag .pill', 'box'],
  ['price prices 价格', '.price', 'text'],
  ['label labels 标注', 'label .label', 'text'],
  ['quote blockquote 引用', 'blockquote .quote', 'text'],
  ['code 代码', 'code pre .code', 'box'],
  ['sidebar aside 侧边栏 侧栏', 'aside .sidebar', 'box'],
  ['section sections 区块 部分', 'section .section', 'box'],
  ['logo brand 标志 徽标', '.logo .brand', 'text'],
  ['icon icons 图标', '.icon svg', 'text'],
  ['form 表单', 'form .form', 'box'],
  ['main content 主体 内容', 'main .main .content .container', 'box'],
]

const elementWords: ReadonlyMap<string, ElementWord> = new Map(
  elements.flatMap(([names, selectors, kind]) =>
    names
      .split(' ')
      .map((name) => [name, { selectors: selectors.split(' '), text: kind === 'text' }] as const),
  ),
)

/** What a noun may mean on a page; any other word is tried as a class, an id or a tag. */
export function readElement(noun: string): ElementWord {
  const word = noun.toLowerCase()
  const known = elementWords.get(word)
  if (known) return known
  const singular = word.replace(/(?<=[^s])s$/, '')
  const names = singular === word ? [word] : [word, singular]
  return {
    selectors: names.flatMap((name) => [`.${name}`, `#${name}`, name]),
    text: /^(?:h[1-6]|p|a|span|em|strong|small|label|li|code)$/.test(singular),
  }
}
