import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Weakness {
  /** Runs of arguments to leave out, each as bubblewrap would be given it. */
  readonly without?: readonly (readonly string[])[]
  /** Arguments to add before the command. */
  readonly added?: readonly string[]
  /** Shell text run before bubblewrap starts. */
  readonly before?: string
}

/** A bubblewrap with a defence taken away: what an attack test must fail with. */
export function weakenedBwrap({ without = [], added = [], before = '' }: Weakness): string {
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
  const drops = without.map((words) => {
    const tests = words.map((word, n) => `"\${all[at+${n}]}" == ${quote(word)}`)
    return `if [[ ${tests.join(' && ')} ]]; then at=$((at+${words.length})); continue; fi`
  })
  const file = join(mkdtempSync(join(tmpdir(), 'tandem-weak-')), 'bwrap')
  writeFileSync(
    file,
    `#!/bin/bash
all=("$@"); kept=(); at=0
while [[ "\${all[at]}" != -- ]]; do
${drops.join('\n')}
kept+=("\${all[at]}"); at=$((at+1))
done
kept+=(${added.map(quote).join(' ')})
${before}
exec /usr/bin/bwrap "\${kept[@]}" "\${all[@]:at}"
`,
  )
  chmodSync(file, 0o755)
  return file
}
