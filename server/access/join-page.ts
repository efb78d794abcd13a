/**
 * Where a shared link leads. The token is in the fragment, which browsers send to nobody: the page takes it out of the
 * address and exchanges it for a cookie.
 */
export function joinPage(nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>Tandem</title><style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:14px/22px system-ui,sans-serif;background:light-dark(#fbfbfa,#161618);color:light-dark(#1d1d1f,#ececee)}
main{max-width:420px;padding:24px}h1{font-size:18px;margin:0 0 12px}p{margin:0 0 8px}
.zh{margin-top:16px;color:light-dark(#5b5b60,#a2a2a8)}
</style></head><body><main><h1>Tandem</h1>
<div role="status"><p id="en">Opening what was shared with you …</p><p id="zh" class="zh" lang="zh-CN">正在打开与你共享的内容……</p></div>
<noscript><p>Tandem needs JavaScript. / Tandem 需要 JavaScript。</p></noscript>
</main><script nonce="${nonce}">
const words = ${JSON.stringify(words)}
const say = (key) => {
  document.getElementById('en').textContent = words[key][0]
  document.getElementById('zh').textContent = words[key][1]
}
const join = async () => {
  const token = location.hash.slice(1)
  if (token === '') return say('unknown')
  history.replaceState(null, '', location.pathname)
  try {
    const answer = await fetch('/share/exchange', {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }),
    })
    const body = await answer.json()
    if (answer.ok) location.replace('/?' + new URLSearchParams({ w: body.workspaceId, t: body.threadId }))
    else say(Object.hasOwn(words, body.problem) ? body.problem : 'unknown')
  } catch { say('away') }
}
join()
addEventListener('hashchange', join)
</script></body></html>
`
}

const words = {
  unknown: [
    'This link is not complete or was never made here. Ask who sent it to copy it again.',
    '此链接不完整或并非由此服务器创建。请让发送者重新复制。',
  ],
  revoked: [
    'This link was withdrawn. Ask who sent it for a new one.',
    '此链接已被收回。请向发送者索取新链接。',
  ],
  expired: ['This link has expired. Ask who sent it for a new one.', '此链接已过期。请向发送者索取新链接。'],
  away: [
    'The server could not be reached. Open the link again in a moment.',
    '无法连接服务器。请稍后重新打开此链接。',
  ],
} as const
