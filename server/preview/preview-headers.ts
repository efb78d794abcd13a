import type { IncomingMessage } from 'node:http'

/**
 * What every answer under `/preview/` carries, errors too. The page runs on an opaque origin (`sandbox` without
 * `allow-same-origin`): it reads nothing of the app, and may load and call only what lies under its own base.
 */
export function previewHeaders(
  request: IncomingMessage,
  base: string | undefined,
): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': policy(request.headers.host ?? '', base),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
    'X-DNS-Prefetch-Control': 'off',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    // Modules and fonts of an opaque origin are asked for with `Origin: null`; the capability is what protects them.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }
}

function policy(host: string, base: string | undefined): string {
  if (base === undefined || !/^[\w.:[\]-]+$/.test(host)) return "sandbox; default-src 'none'"
  const own = `http://${host}${base} https://${host}${base}`
  return [
    'sandbox allow-scripts',
    `default-src ${own} 'unsafe-inline' 'unsafe-eval' data: blob:`,
    `connect-src ${own} data: blob:`,
    `frame-src ${own}`,
    `base-uri ${own}`,
    "object-src 'none'",
    "form-action 'none'",
  ].join('; ')
}
