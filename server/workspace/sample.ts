import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWorkspace, type WorkspaceOptions } from './create-workspace.ts'
import { runGit } from './git.ts'
import { exists } from './trash.ts'
import type { Workspace } from './workspace.ts'

const source = fileURLToPath(new URL('../sample-project/', import.meta.url))

type SampleOptions = Omit<WorkspaceOptions, 'root' | 'sample'> & { readonly dataFolder: string }

const author = {
  GIT_AUTHOR_NAME: 'Tandem',
  GIT_AUTHOR_EMAIL: 'tandem@localhost',
  GIT_COMMITTER_NAME: 'Tandem',
  GIT_COMMITTER_EMAIL: 'tandem@localhost',
}

/** The sample project in the data folder: made on first use as a git repository, from then on the person's own. */
export async function createSampleWorkspace({ dataFolder, ...options }: SampleOptions): Promise<Workspace> {
  const root = join(dataFolder, 'sample')
  if (!(await exists(root))) {
    // Made aside and moved into place, so that a start cut short leaves no half of it.
    const draft = join(dataFolder, 'sample.new')
    await rm(draft, { recursive: true, force: true })
    await cp(source, draft, { recursive: true })
    await makeRepository(draft)
    await rename(draft, root)
  }
  return await createWorkspace({ ...options, root, sample: true })
}

/** Without git the sample is a plain folder. */
async function makeRepository(cwd: string): Promise<void> {
  const steps = [
    ['init', '--quiet', '--template=', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--no-verify', '--message=Begin'],
  ]
  try {
    for (const args of steps) {
      const { code } = await runGit(args, { cwd, env: author })
      if (code !== 0) return
    }
  } catch {
    return
  }
}
