const reasons = {
  wrongToken: [
    'This link is no longer valid: the server has been started again since.',
    '此链接已失效：服务器之后重新启动过。',
  ],
  noKey: [
    'This Tandem server opens with the link it printed when it started.',
    '请使用服务器启动时打印的链接打开 Tandem。',
  ],
  linkEnded: [
    'The link you came by was withdrawn or has expired. Ask who sent it for a new one.',
    '你使用的共享链接已被收回或已过期。请向发送者索取新链接。',
  ],
  diskRefuses: [
    'The server cannot write to its disk; most likely the disk is full. Make room on the server, then load this page again.',
    '服务器无法写入磁盘，很可能磁盘已满。请在服务器上腾出空间，然后重新加载此页面。',
  ],
} as const

/** What a browser that gets no page sees: what happened and what to do, in both languages. */
export function signInPage(reason: keyof typeof reasons): string {
  const [en, zh] = reasons[reason]
  const needsKey = reason === 'wrongToken' || reason === 'noKey'
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tandem</title><style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:14px/22px system-ui,sans-serif;background:light-dark(#fbfbfa,#161618);color:light-dark(#1d1d1f,#ececee)}
main{max-width:420px;padding:24px}h1{font-size:18px;margin:0 0 12px}p{margin:0 0 8px}
code{font:13px ui-monospace,monospace;padding:2px 6px;border-radius:4px;background:light-dark(#eeeeec,#242427)}
.zh{margin-top:20px;color:light-dark(#5b5b60,#a2a2a8)}
</style></head><body><main>
<h1>Tandem</h1>
<p>${en}</p>${needsKey ? '<p>Open the last line that <code>npm start</code> printed: <code>Tandem ready: http://…/?token=…</code></p>' : ''}
<div class="zh" lang="zh-CN"><p>${zh}</p>${needsKey ? '<p>打开 <code>npm start</code> 最后一行打印的地址：<code>Tandem ready: http://…/?token=…</code></p>' : ''}</div>
</main></body></html>
`
}
