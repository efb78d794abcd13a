/** Words of judging what the model wrote. */
export const reviewMessages = {
  en: {
    'review.undoneNotice': '{count} {count|change|changes} undone.',
    'review.takeBack': 'Take back',
  },
  zh: {
    'review.undoneNotice': '已撤销 {count} 处修改。',
    'review.takeBack': '恢复',
  },
} as const
