import type { Language } from '../../client/i18n/messages.ts'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** `1.4 MB`, in powers of 1024 as file managers show them. */
export function formatBytes(bytes: number, language: Language): string {
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const shown = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  }).format(bytes / 1024 ** power)
  // 中文's word for bytes comes without the space that its other units have.
  return shown.replace(/(\d)(?=\p{Script=Han})/u, '$1 ')
}
