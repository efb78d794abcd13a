/** Words about who is here. */
export const peopleMessages = {
  en: {
    'people.title': 'People here',
    'people.rename': 'Your name, as others see it',
    'people.alone': 'Nobody else has this workspace open.',
    'people.in': 'in {path}',
    'people.nowhere': 'no file open',
    'people.follow': 'Follow {name}',
    'people.unfollow': 'Stop following {name}',
    'people.count': '{count} {count|other|others} here',
  },
  zh: {
    'people.title': '在线成员',
    'people.rename': '别人看到的你的名字',
    'people.alone': '没有其他人打开此工作区。',
    'people.in': '正在看 {path}',
    'people.nowhere': '没有打开文件',
    'people.follow': '跟随 {name}',
    'people.unfollow': '停止跟随 {name}',
    'people.count': '另有 {count} 人在线',
  },
} as const
