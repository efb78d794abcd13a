import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What containers of tests are made by, and from what; or why there are none on this machine. */
export type Engine =
  | { readonly program: string; readonly image: string; readonly missing?: undefined }
  | { readonly missing: string }

const image = 'tandem-sandbox-test:latest'
const programs =
  'sh bash env cat seq head sleep yes touch true mkdir rm mv ls id grep kill mount setsid nohup perl ln'.split(
    ' ',
  )

/** The one that is named, else podman or docker if one of them runs containers here. */
export function findEngine(named: string | undefined): Engine {
  const reasons: string[] = []
  for (const program of named === undefined ? ['podman', 'docker'] : [named]) {
    const reason = prepare(program)
    if (reason === undefined) return { program, image }
    reasons.push(reason)
  }
  return { missing: reasons.join('; ') }
}

/** `undefined`: it runs containers of the image. */
function prepare(program: string): string | undefined {
  const known = spawnSync(program, ['image', 'inspect', image], { encoding: 'utf8' })
  if (known.error) return `there is no ${program} here`
  if (known.status !== 0) {
    const made = spawnSync(program, ['import', '--change', 'ENV PATH=/bin', '-', image], {
      input: archive(),
      encoding: 'utf8',
    })
    if (made.status !== 0) return `${program}: ${lastLine(made.stderr)}`
  }
  const tried = spawnSync(
    program,
    ['run', '--rm', '--network', 'none', '--pids-limit', '50', '--memory', '64m', image, '/bin/true'],
    { encoding: 'utf8', timeout: 30_000 },
  )
  return tried.status === 0 ? undefined : `${program}: ${lastLine(tried.stderr)}`
}

/** This machine's own programs with the libraries they need: nothing is fetched. */
function archive(): Buffer {
  const files = new Set<string>()
  const names: string[] = []
  for (const name of programs) {
    const path = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find(existsSync)
    if (path === undefined) continue
    names.push(path)
    const { stdout } = spawnSync('ldd', [path], { encoding: 'utf8' })
    for (const [, library = ''] of stdout.matchAll(/(\/\S+\.so\S*) \(/g)) files.add(library)
  }
  const folder = mkdtempSync(join(tmpdir(), 'tandem-image-'))
  const made = (inner: string) => execFileSync('mkdir', ['-p', join(folder, inner)])
  for (const inner of ['bin', 'tmp', 'etc', 'proc', 'dev', 'sys', 'run']) made(inner)
  for (const path of names) execFileSync('cp', ['-L', path, join(folder, 'bin')])
  for (const path of files) {
    made(path.slice(0, path.lastIndexOf('/')))
    execFileSync('cp', ['-L', path, join(folder, path)])
  }
  return execFileSync('tar', ['-C', folder, '-c', '.'], { maxBuffer: 2 ** 28 })
}

export interface WeakEngine {
  /** Runs of arguments to leave out, each as the engine would be given it. */
  readonly without?: readonly (readonly string[])[]
  /** Arguments to add where a container is made. */
  readonly added?: readonly string[]
  /** The input of what is started stays open for so many seconds, whoever is gone. */
  readonly heldSeconds?: number
}

/** An engine with a defence taken away: what an attack test must fail with. */
export function weakenedEngine(
  program: string,
  { without = [], added = [], heldSeconds = 0 }: WeakEngine,
): string {
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
  const drops = without.map((words) => {
    const tests = words.map((word, n) => `"\${all[at+${n}]}" == ${quote(word)}`)
    return `if [[ ${tests.join(' && ')} ]]; then at=$((at+${words.length})); continue; fi`
  })
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-weak-')), 'engine')
  writeFileSync(
    file,
    `#!/bin/bash
all=("$@"); kept=(); at=0
if [[ "$1" == create ]]; then
  kept+=(create ${added.map(quote).join(' ')}); at=1
fi
while [[ $at -lt \${#all[@]} ]]; do
${drops.join('\n')}
kept+=("\${all[at]}"); at=$((at+1))
done
if [[ "$1" == start && ${heldSeconds} -gt 0 ]]; then exec ${quote(program)} "\${kept[@]}" < <(exec sleep ${heldSeconds} >/dev/null 2>&1); fi
exec ${quote(program)} "\${kept[@]}"
`,
  )
  chmodSync(file, 0o755)
  return file
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? ''
}
