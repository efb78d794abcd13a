import { median } from './stats.ts'

/** One figure of a run: the median of its repetitions, with the range they had. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  /** Met when the median is at most this; rows without one inform. */
  readonly target?: number
  readonly ok?: boolean
}

export function row(name: string, unit: string, values: readonly number[], target?: number): Row {
  const middle = median(values)
  const figures = { name, unit, median: middle, min: Math.min(...values), max: Math.max(...values) }
  return target === undefined ? figures : { ...figures, target, ok: middle <= target }
}

export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((entry) => [
    entry.name,
    entry.unit,
    number(entry.median),
    `${number(entry.min)}–${number(entry.max)}`,
    entry.target === undefined ? '' : `≤ ${number(entry.target)}`,
    entry.ok === undefined ? '' : entry.ok ? 'met' : 'MISSED',
  ])
  const all = [['figure', 'unit', 'median', 'range', 'target', ''], ...lines]
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  return all
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
