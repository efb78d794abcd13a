import { mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '../../core/protocol/errors.ts'
import { exists } from '../workspace/trash.ts'
import { GitError, type Identity, type JobGit, nobody, type TreeEntry } from './job-git.ts'

/** The person's own repository, when the workspace is the top of one. */
export interface Home {
  readonly gitDir: string
  readonly head: string
}

type Entries = ReadonlyMap<string, TreeEntry>

/** Other programs hold the index for moments: as often, and as long between, it is looked whether they let go. */
const patience = { times: 20, ms: 100 }

/** What is done in the person's repository: it is read as it is, and nothing but HEAD, its objects and its index changes. */
export class PersonGit {
  readonly #root: string
  readonly #git: JobGit

  constructor(root: string, git: JobGit) {
    this.#root = root
    this.#git = git
  }

  async home(): Promise<Home | undefined> {
    const asked = ['rev-parse', '--absolute-git-dir', '--show-prefix', 'HEAD']
    const { code, output } = await this.#git
      .elsewhere(asked, { cwd: this.#root })
      .catch(() => ({ code: 1, output: '' }))
    const [gitDir = '', prefix, head = ''] = output.split('\n')
    if (code !== 0 || prefix !== '' || !/^[0-9a-f]{40,64}$/.test(head)) return undefined
    return { gitDir, head }
  }

  /** Where the objects of a repository are: a worktree's are those of its repository. */
  async commonDir(gitDir: string): Promise<string> {
    const asked = { cwd: gitDir, env: { GIT_DIR: gitDir } }
    const { output } = await this.#git.elsewhere(['rev-parse', '--git-common-dir'], asked)
    const found = output.trim()
    const common = isAbsolute(found) ? found : resolve(gitDir, found)
    return (await stat(join(common, 'objects')).catch(() => undefined)) ? common : gitDir
  }

  /** Who commits, as their git knows them. */
  async identity(): Promise<Identity> {
    const env = { HOME: homedir(), GIT_CONFIG_GLOBAL: join(homedir(), '.gitconfig') }
    const ask = async (name: string) => {
      const { code, output } = await this.#git.elsewhere(['config', '--get', name], { cwd: this.#root, env })
      return code === 0 ? output.trim() : ''
    }
    const [name, mail] = await Promise.all([ask('user.name'), ask('user.email')])
    return { name: name || nobody.name, email: mail || nobody.email }
  }

  /** Gives it a commit with all that it has not yet. */
  async pack(home: Home, commit: string): Promise<void> {
    const packs = join(await this.commonDir(home.gitDir), 'objects', 'pack')
    await mkdir(packs, { recursive: true })
    const range = `${commit}\n^${home.head}\n`
    await this.#git.ask(['pack-objects', '--revs', '--quiet', join(packs, 'pack')], {}, range)
  }

  /** Resolves when no other program holds the index; where one does not let go nothing is begun. */
  async free({ gitDir }: Home): Promise<void> {
    for (let left = patience.times; await exists(join(gitDir, 'index.lock')); left--) {
      if (left === 0)
        throw new RequestError(
          'conflict',
          'Another program holds the git index of this folder. Try again when it has ended; if none runs, remove .git/index.lock.',
        )
      await wait(patience.ms)
    }
  }

  /** The branch that is checked out, if it is where it is thought to be. */
  async moveHead(
    { gitDir }: Home,
    { to, from, reason }: { readonly to: string; readonly from: string; readonly reason: string },
  ): Promise<boolean> {
    const place = { cwd: this.#root, env: { GIT_DIR: gitDir } }
    const { code } = await this.#git.elsewhere(['update-ref', '-m', reason, 'HEAD', to, from], place)
    return code === 0
  }

  /** Whether another repository is known to have the commit. */
  async isPushed({ gitDir }: Home, commit: string): Promise<boolean> {
    const asked = ['for-each-ref', '--count=1', '--format=%(refname)', '--contains', commit, 'refs/remotes']
    const { output } = await this.#git.elsewhere(asked, { cwd: this.#root, env: { GIT_DIR: gitDir } })
    return output.trim() !== ''
  }

  /** The index knows these files as they are committed; the rest of it stays. */
  async index(home: Home, paths: readonly string[], entries: Entries): Promise<void> {
    const rows = paths.map((path) => {
      const { mode, oid } = entries.get(path) ?? { mode: '0', oid: '0'.repeat(home.head.length) }
      return `${mode} ${oid}\t${path}\0`
    })
    if (rows.length === 0) return
    const write = () =>
      this.#git.ask(['update-index', '-z', '--index-info'], this.#indexOf(home), rows.join(''))
    for (let left = patience.times; ; left--) {
      try {
        await write()
        return
      } catch (error) {
        if (left === 0 || !(error instanceof GitError) || !error.message.includes('index.lock')) throw error
        await wait(patience.ms)
      }
    }
  }

  /** Those of the files that the index has as they were, where they are otherwise now. */
  async stale(home: Home, now: Entries, then: Entries, paths: readonly string[]): Promise<readonly string[]> {
    const listed = await this.#git.read(['ls-files', '-s', '-z'], this.#indexOf(home))
    const there = new Map(
      listed.split('\0').map((line) => {
        const [about = '', path = ''] = line.split('\t')
        const [mode = '', oid = ''] = about.split(' ')
        return [path, `${mode} ${oid}`]
      }),
    )
    const of = (entry: TreeEntry | undefined) => entry && `${entry.mode} ${entry.oid}`
    return paths.filter(
      (path) => of(now.get(path)) !== of(then.get(path)) && there.get(path) === of(then.get(path)),
    )
  }

  /** By the server's repository's configuration: writing an index looks at files, through filters where there are any. */
  #indexOf({ gitDir }: Home) {
    return { GIT_WORK_TREE: this.#root, GIT_INDEX_FILE: join(gitDir, 'index') }
  }
}
