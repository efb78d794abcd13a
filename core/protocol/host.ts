import { z } from 'zod'

/** Of https: what a host without a port means. */
const usualPort = 443

/** A host a command may reach: a name, or `*.` and a name for all below it, and a port when it is not that of https. */
export const hostSchema = z
  .string()
  .max(300)
  .regex(
    /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9]\d{0,4})?$/i,
    'expected a host, as in example.com:8443',
  )

/** Whether the pattern is of that host and port. Names that end in a dot, or are written large, are the same names. */
export function matchesHost(pattern: string, given: string): boolean {
  const [wanted, asked] = [parts(pattern), parts(given)]
  if (wanted.port !== asked.port) return false
  return wanted.name.startsWith('*.') ? asked.name.endsWith(wanted.name.slice(1)) : asked.name === wanted.name
}

function parts(host: string): { readonly name: string; readonly port: number } {
  const colon = host.lastIndexOf(':')
  const [name, port] = colon < 0 ? [host, ''] : [host.slice(0, colon), host.slice(colon + 1)]
  return { name: name.toLowerCase().replace(/\.$/, ''), port: port === '' ? usualPort : Number(port) }
}

/** The target of a CONNECT, `name:port`; `undefined` when it is anything else, an address above all. */
export function connectTarget(
  authority: string,
): { readonly host: string; readonly port: number } | undefined {
  const found = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.?):([1-9]\d{0,4})$/i.exec(authority)
  const [, name = '', digits = ''] = found ?? []
  const port = Number(digits)
  // The last label of a name is never a number; of an address it is, however that is written.
  if (!found || port > 65_535 || /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(name)) return undefined
  return { host: name.toLowerCase().replace(/\.$/, ''), port }
}
