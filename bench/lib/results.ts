import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { root } from '../../scripts/lib/root.mjs'
import { number, type Row } from './row.ts'

const file = join(root, 'bench', 'RESULTS.md')
const heading = `# Results

What \`npm run bench -- --record\` wrote, newest last. Each figure is a median over the repetitions of one run with its
range; client, server, model and browser share the machine's cores, so read ratios before milliseconds.
`

/** Adds this run to bench/RESULTS.md. */
export function record(command: string, rows: readonly Row[]): void {
  if (!existsSync(file)) writeFileSync(file, heading)
  const day = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`
  const lines = rows.map(({ name, unit, median, min, max, target, ok }) => {
    const wanted = target === undefined ? '' : `≤ ${number(target)}`
    const met = ok === undefined ? '' : ok ? 'yes' : '**no**'
    return `| ${name} | ${unit} | ${number(median)} | ${number(min)}–${number(max)} | ${wanted} | ${met} |`
  })
  appendFileSync(
    file,
    `\n## ${day}, \`${command}\`\n\n${machine}\n\n| figure | unit | median | range | target | met |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`,
  )
}
