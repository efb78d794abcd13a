/** Words of going back in a thread. */
export const historyMessages = {
  en: {
    'history.rewind': 'Rewind files to here',
    'history.rewound':
      'Files are as before: {count} {count|turn|turns} taken out, what was typed by hand is kept.',
    'history.undoRewind': 'Undo rewind',
  },
  zh: {
    'history.rewind': '把文件退回到这里',
    'history.rewound': '文件已退回：取出了 {count} 轮的修改，手动输入的内容保留。',
    'history.undoRewind': '撤销退回',
  },
} as const
