import { hiddenInside, type Places, shownFolders } from './places.ts'

/** Programs and libraries, and what they are configured by; of nobody's own files. */
const system = [
  '/usr',
  '/bin',
  '/sbin',
  '/System',
  '/Library/Apple',
  '/Library/Developer/CommandLineTools',
  '/Applications/Xcode.app',
  '/opt/homebrew',
  '/opt/local',
  '/private/etc/ssl',
  '/private/var/db/timezone',
  '/private/var/select',
  '/dev/fd',
]
const settings = ['/', '/private/etc/hosts', '/private/etc/passwd', '/private/etc/shells', '/dev/random']
const devices = ['/dev/null', '/dev/zero', '/dev/urandom', '/dev/dtracehelper']

/**
 * What `sandbox-exec` holds a command to on macOS. All is denied that is not named, the network above all; of rules that
 * match the last one counts, so what is kept from a folder comes behind what the folder is given.
 */
export function seatbeltProfile(
  places: Places,
  own: { readonly node: string; readonly scratch: string },
): string {
  const shown = shownFolders(places).map((path) =>
    allow(places.writable.includes(path) ? both : read, 'subpath', [path]),
  )
  const kept = places.protectedPaths.map((path) => `(deny file-write* (subpath ${quoted(path)}))`)
  const away = hiddenInside(places).map((path) => `(deny ${both} (subpath ${quoted(path)}))`)
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-exec process-fork)',
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow ipc-posix-sem)',
    '(allow mach-lookup (global-name "com.apple.system.opendirectoryd.libinfo"))',
    // Where a path leads, not what is there.
    '(allow file-read-metadata)',
    allow(read, 'subpath', system),
    allow(read, 'literal', [...settings, own.node]),
    allow(both, 'literal', devices),
    '(allow file-ioctl (literal "/dev/dtracehelper"))',
    allow(both, 'subpath', [own.scratch]),
    ...shown,
    ...kept,
    ...away,
  ].join('\n')
}

const read = 'file-read*'
const both = 'file-read* file-write*'

function allow(what: string, how: 'literal' | 'subpath', paths: readonly string[]): string {
  return `(allow ${what} ${paths.map((path) => `(${how} ${quoted(path)})`).join(' ')})`
}

function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
