import { parseArgs } from 'node:util'
import { measureAdmissions } from './admissions/admissions.ts'
import { measureBrowser } from './browser/browser.ts'
import { measureHud } from './hud/hud.ts'
import { measureJobs } from './jobs/jobs.ts'
import { record } from './lib/results.ts'
import { formatTable, type Row } from './lib/row.ts'
import { measurePath } from './path/path.ts'
import { measureRelay } from './relay/relay.ts'
import { measureRewind } from './rewind/rewind.ts'
import { measureRival } from './rival/rival.ts'
import { measureSandbox } from './sandbox/sandbox.ts'
import { measureThread } from './thread/thread.ts'
import { measureWindow } from './window/window.ts'
import { measureWorkspace } from './workspace/workspace.ts'

const usage = `npm run bench -- [--only NAME[.PART]] [--quick] [--record] [--profile DIR]
  NAME is hud (attribution, cost), relay (parts: first, delivery, stop, streams, memory), browser (load, chat, edits,
  fast, typing, deck, jobs, replay, together, beside), workspace, jobs (handOff, idle, live, recovery), sandbox, thread
  (file, hour, long), rewind, path (0, 40, 150: milliseconds to the model and back; prefill), admissions, window or rival
  (a Next route with the AI SDK).
  --record adds the figures to bench/RESULTS.md; --profile leaves CPU profiles of server and page in DIR.
The last line is one JSON object: the median of every figure by name.`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const [only, part] = values.only?.split('.') ?? []
const { quick } = values
const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  admissions: () => measureAdmissions({ quick }),
  window: () => measureWindow({ quick }),
  hud: () => measureHud({ quick, part }),
  relay: () => measureRelay({ quick, part, profile: values.profile }),
  browser: () => measureBrowser({ quick, part, profile: values.profile }),
  workspace: () => measureWorkspace({ quick }),
  rewind: () => measureRewind({ quick, profile: values.profile }),
  path: () => measurePath({ quick, part }),
  rival: () => measureRival({ quick }),
  jobs: () => measureJobs({ quick, part }),
  sandbox: () => measureSandbox({ quick }),
  thread: () => measureThread({ quick, part }),
}
if (only !== undefined && benches[only] === undefined) {
  console.error(usage)
  process.exit(1)
}

const rows: Row[] = []
for (const [name, measure] of Object.entries(benches)) {
  if (only !== undefined && only !== name) continue
  process.stderr.write(`${name} …\n`)
  rows.push(...(await measure()))
}
console.log(formatTable(rows))
if (values.record)
  record(['npm run bench --', ...process.argv.slice(2).filter((arg) => arg !== '--record')].join(' '), rows)
console.log(
  JSON.stringify(
    Object.fromEntries(rows.map(({ name, median }) => [name, Math.round(median * 1000) / 1000])),
  ),
)
