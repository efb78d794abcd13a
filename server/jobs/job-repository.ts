import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RequestError } from '../../core/protocol/errors.ts'
import type { JobFile } from '../../core/protocol/job.ts'
import { limits } from '../../core/protocol/limits.ts'
import { type RunProgram, runProcess } from '../workspace/run-process.ts'
import { exists } from '../workspace/trash.ts'
import { artefactFolder } from './artefacts.ts'
import type { Crash } from './crash-points.ts'
import { GitError, JobGit, type OtherFiles, seconds, type TreeEntry } from './job-git.ts'
import { apartFromOwn } from './own-edits.ts'
import { type Home, PersonGit } from './person-git.ts'
import { changesIn } from './tree-changes.ts'

/** What no copy holds and no step commits, whatever the workspace's own rules say. */
const neverKept = ['node_modules/', '.tandem/', `${artefactFolder}/`, '*.tandem-tmp', ''].join('\n')
/** Bytes stay as they are: no line ends are changed and nothing a repository names is run on them. */
const asTheyAre = '* -text -filter -ident -working-tree-encoding !diff\n'

interface Place {
  /** Of the workspace. */
  readonly root: string
  /** Where its repository is kept. */
  readonly folder: string
  /** Left out: programs are started by this process. */
  readonly program?: RunProgram
  readonly crash?: Crash
}

interface Committing {
  /** It is a merge of this one. */
  readonly merged?: string | undefined
  /** What people had in the files before they were changed and not committed is left out. */
  readonly own?: Pick<Parameters<typeof apartFromOwn>[0], 'before' | 'job' | 'taken'> | undefined
}

/** What a commit is made with. */
interface Step {
  readonly message: string
  readonly at: number
}

/**
 * The commits of all jobs of one workspace, in a repository of the server's own: the workspace's repository lends its
 * objects and nothing else, so that no configuration of it is ever read here. Folders without one work the same.
 */
export class JobRepository {
  readonly #root: string
  readonly #folder: string
  readonly #gitDir: string
  readonly #git: JobGit
  readonly #person: PersonGit
  readonly #crash: Crash
  #ready: Promise<void> | undefined
  /** What reads the workspace is done one after the other: it shares indexes. */
  #lane: Promise<unknown> = Promise.resolve()
  #lending: Promise<void> = Promise.resolve()
  /** What is done in one copy is done one after the other too. */
  readonly #inTrees = new Map<string, Promise<unknown>>()
  /** Of copies whose index holds exactly a commit: that commit, which something keeps, and what it has. */
  readonly #held = new Map<string, { readonly commit: string; readonly tree: string }>()
  #composed = 0

  constructor({ root, folder, program = runProcess, crash = async () => undefined }: Place) {
    this.#root = root
    this.#crash = crash
    this.#folder = folder
    this.#gitDir = join(folder, 'repository')
    this.#git = new JobGit({ gitDir: this.#gitDir, folder, program })
    this.#person = new PersonGit(root, this.#git)
  }

  /** The workspace as it is on disk now, as a commit; its parent is what the person has checked out. */
  snapshot(at: number): Promise<string> {
    return this.#inTurn(() => this.#snapshot(at))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work)
    this.#lane = done.catch(() => undefined)
    return done
  }

  async #snapshot(at: number): Promise<string> {
    await this.#prepare()
    const home = await this.#person.home()
    const env = { GIT_WORK_TREE: this.#root, GIT_INDEX_FILE: join(this.#folder, 'index') }
    await rm(`${env.GIT_INDEX_FILE}.lock`, { force: true })
    if (home) await this.#lend(home)
    const excludes = home ? ['-c', `core.excludesFile=${join(home.gitDir, 'info', 'exclude')}`] : []
    const fill = async () => {
      // Files that are ignored and tracked all the same are known by it. The index is what was handed off last, which
      // nothing on disk has to agree with.
      if (home) await this.#git.ask(['read-tree', '-i', '-m', home.head], env)
      await this.#addAll(env, excludes)
    }
    // It only saves time: a damaged one is made anew.
    await fill().catch(async () => {
      await rm(env.GIT_INDEX_FILE, { force: true })
      await fill()
    })
    const tree = await this.#git.ask(['write-tree'], env)
    if (home && (await this.#git.ask(['rev-parse', `${home.head}^{tree}`])) === tree) return home.head
    return this.#git.commit({ tree, parents: home ? [home.head] : [], message: 'As it was handed off', at })
  }

  /** One after the other for each copy: whatever reads or writes all of it. */
  inTree<T>(tree: string, work: () => Promise<T>): Promise<T> {
    const working = (this.#inTrees.get(tree) ?? Promise.resolve()).then(work)
    const settled = working.then(
      () => undefined,
      () => undefined,
    )
    this.#inTrees.set(tree, settled)
    void settled.then(() => {
      if (this.#inTrees.get(tree) === settled) this.#inTrees.delete(tree)
    })
    return working
  }

  /** Makes the folder hold exactly this commit, but for files that git ignores. */
  checkout(tree: string, commit: string): Promise<void> {
    return this.inTree(tree, () => this.#checkout(tree, commit))
  }

  async #checkout(tree: string, commit: string): Promise<void> {
    await this.#prepare()
    this.#held.delete(tree)
    await mkdir(tree, { recursive: true })
    const env = placeOf(tree)
    // Whoever held it is dead: one process owns the data folder.
    await rm(`${env.GIT_INDEX_FILE}.lock`, { force: true })
    const reset = () => this.#git.ask(['read-tree', '--reset', '-u', commit], env)
    await reset().catch(async () => {
      await rm(env.GIT_INDEX_FILE, { force: true })
      await reset()
    })
    // Twice: repositories that a command made go too.
    await this.#git.ask(['clean', '-f', '-f', '-d', '-q'], env)
  }

  /** Commits all of the folder; the same content, parent and time give the same commit. */
  commit(tree: string, parent: string, { message, at }: Step): Promise<string> {
    return this.inTree(tree, async () => {
      const held = this.#held.get(tree)
      const written = await this.treeOf(tree)
      const before =
        held?.commit === parent ? held.tree : await this.#git.ask(['rev-parse', `${parent}^{tree}`])
      const isNew = before !== written
      const commit = isNew
        ? await this.#git.commit({ tree: written, parents: [parent], message, at })
        : parent
      this.#held.set(tree, { commit, tree: written })
      return commit
    })
  }

  /** What is in the folder now. Its index knows it then. */
  async treeOf(tree: string): Promise<string> {
    const env = placeOf(tree)
    const held = this.#held.get(tree)
    this.#held.delete(tree)
    const isOther = await this.#addAll(env)
    return held && !isOther ? held.tree : this.#git.ask(['write-tree'], env)
  }

  /** How a commit has these files; those it has not are left out. */
  async entries(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, TreeEntry>> {
    if (paths.length === 0) return new Map()
    const listed = await this.#git.read(['ls-tree', '-z', '-r', '--full-tree', commit])
    const wanted = new Set(paths)
    const all = listed.split('\0').flatMap((line): [string, TreeEntry][] => {
      const [about = '', path = ''] = line.split('\t')
      const [mode = '', , oid = ''] = about.split(' ')
      return wanted.has(path) ? [[path, { mode, oid }]] : []
    })
    return new Map(all)
  }

  /** Puts files as they are kept into the folder. */
  async place(tree: string, files: ReadonlyMap<string, TreeEntry>): Promise<void> {
    if (files.size === 0) return
    this.#held.delete(tree)
    const env = placeOf(tree)
    const rows = [...files].map(([path, { mode, oid }]) => `${mode} ${oid}\t${path}\0`)
    await this.#git.ask(['update-index', '-z', '--index-info'], env, rows.join(''))
    const names = [...files.keys()].map((path) => `${path}\0`)
    await this.#git.ask(['checkout-index', '-z', '--stdin', '-f'], env, names.join(''))
  }

  /**
   * Everything on disk into the index; answers whether anything was not there yet. Not by `git add`: of a repository
   * inside the folder that asks for its status, which is run by that repository's own configuration, and a command may
   * have written it.
   */
  async #addAll(env: Readonly<Record<string, string>>, settings: readonly string[] = []): Promise<boolean> {
    const asked = ['ls-files', '-z', '--modified', '--others', '--exclude-standard']
    const listed = new Set((await this.#git.read([...settings, ...asked], env)).split('\0'))
    const paths = [...listed].filter((path) => path !== '' && !path.endsWith('/'))
    if (paths.length === 0) return false
    const input = paths.map((path) => `${path}\0`).join('')
    // What was only touched is known as unchanged from now on.
    const known = ['update-index', '-q', '--refresh', '-z', '--add', '--remove', '--replace', '--stdin']
    await this.#git.ask(known, env, input)
    return true
  }

  /** What git ignores in the folder; a folder with nothing else in it is one name and ends with a slash. */
  ignored(tree: string): Promise<readonly string[]> {
    return this.inTree(tree, async () => {
      if (!(await exists(tree))) return []
      const asked = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']
      return (await this.#git.read(asked, placeOf(tree))).split('\0').filter((name) => name !== '')
    })
  }

  /** What differs between two commits, by file. */
  async changes(base: string, head: string): Promise<readonly JobFile[]> {
    if (base === head) return []
    const shown = ['--raw', '--numstat', '-r', '-z', '--no-renames', '--no-ext-diff', '--no-textconv']
    return changesIn(await this.#git.read(['diff-tree', ...shown, base, head]))
  }

  /** The changes as one patch. */
  async patch(base: string, head: string): Promise<string> {
    if (base === head) return ''
    const range = ['-r', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-color', base, head]
    return (await this.#git.read(['diff-tree', '-p', ...range])).slice(0, limits.jobPatchChars)
  }

  /** The commit with these files otherwise, `undefined` for those that are gone; nothing has it checked out. */
  async compose(commit: string, files: OtherFiles, { message, at }: Step): Promise<string> {
    await this.#prepare()
    const tree = await this.#treeWith(commit, files)
    return this.#git.commit({ tree, parents: [commit], message, at })
  }

  /** A file of a commit; `undefined` when it has none there. */
  async read(commit: string, path: string): Promise<string | undefined> {
    const { code, output } = await this.#git.run(['cat-file', 'blob', `${commit}:${path}`])
    return code === 0 ? output : undefined
  }

  /** Copies what `.worktreeinclude` names of the files git ignores. Answers their paths. */
  async included(): Promise<readonly string[]> {
    const file = join(this.#root, '.worktreeinclude')
    if (!(await exists(file))) return []
    const env = { GIT_WORK_TREE: this.#root, GIT_INDEX_FILE: join(this.#folder, 'index') }
    const listed = await this.#git.read(
      ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${file}`],
      env,
    )
    return listed.split('\0').filter((path) => path !== '')
  }

  /**
   * Makes the commits known to the person's repository as a branch, which must be what it was when it was published
   * last. `moved`: somebody else moved it. `undefined`: there is no repository.
   */
  async publish(
    branch: string,
    head: string,
    last: string | undefined,
  ): Promise<'published' | 'moved' | undefined> {
    const home = await this.#person.home()
    if (!home || head === home.head) return undefined
    await this.#person.pack(home, head)
    await this.#crash('packed')
    const env = { GIT_DIR: home.gitDir }
    const { code } = await this.#git.elsewhere(
      ['update-ref', `refs/heads/${branch}`, head, last ?? '0'.repeat(head.length)],
      { cwd: this.#root, env },
    )
    if (code === 0) return 'published'
    // A server that died here had moved it already.
    const now = await this.#git.elsewhere(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], {
      cwd: this.#root,
      env,
    })
    return now.output.trim() === head ? 'published' : 'moved'
  }

  /** Whether one commit is another or follows from it; one nobody here knows is not. */
  async isBefore(commit: string, head: string): Promise<boolean> {
    return (await this.#git.run(['merge-base', '--is-ancestor', commit, head])).code === 0
  }

  /** Where the commits of jobs are read with all they follow. */
  async lent(): Promise<string> {
    await this.#prepare()
    const home = await this.#person.home()
    if (home) await this.#lend(home)
    return this.#gitDir
  }

  /**
   * Commits files as they are on disk now, and no others, on the branch that is checked out. Refused when there is
   * nothing to commit or somebody else committed meanwhile. Answers the commit.
   */
  commitFiles(paths: readonly string[], step: Step, how: Committing = {}): Promise<string> {
    return this.#inTurn(() => this.#commitFiles(paths, step, how))
  }

  /** Goes back to before a commit that is the latest and that no other repository is known to have. */
  uncommit(commit: string, paths: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#uncommit(commit, paths))
  }

  /**
   * The commit that was made with this, if it is among the latest on the branch that is checked out. A server that died
   * right behind it has left the person's index as it was: that is brought up to it.
   */
  findCommit(paths: readonly string[], step: Step): Promise<string | undefined> {
    return this.#inTurn(() => this.#findCommit(paths, step))
  }

  async #findCommit(paths: readonly string[], { message, at }: Step): Promise<string | undefined> {
    await this.#prepare()
    const home = await this.#person.home()
    if (!home) return undefined
    await this.#lend(home)
    const listed = await this.#git.read(['log', '-50', '-z', '--format=%H %ct %B', home.head])
    const [, found] =
      listed
        .split('\0')
        .map((line) => /^(\w+) (\d+) ([\s\S]*)$/.exec(line) ?? [])
        .find(([, , date, said]) => Number(date) === seconds(at) && said?.trim() === message.trim()) ?? []
    // With more on top somebody has been at the index since.
    if (found === home.head) {
      const [now, then] = await Promise.all(
        [found, `${found}^1`].map((commit) => this.entries(commit, paths)),
      )
      if (now && then) await this.#person.index(home, await this.#person.stale(home, now, then, paths), now)
    }
    return found
  }

  async #commitFiles(
    paths: readonly string[],
    { message, at }: Step,
    { merged, own }: Committing,
  ): Promise<string> {
    await this.#prepare()
    const home = await this.#person.home()
    if (!home) throw new RequestError('conflict', 'This folder is no git repository with a commit.')
    await this.#lend(home)
    await this.#person.free(home)
    const env = { GIT_WORK_TREE: this.#root, GIT_INDEX_FILE: join(this.#folder, 'commit-index') }
    await rm(env.GIT_INDEX_FILE, { force: true })
    await this.#git.ask(['read-tree', home.head], env)
    const named = paths.map((path) => `${path}\0`).join('')
    await this.#git.ask(['update-index', '-z', '--add', '--remove', '--stdin'], env, named)
    const now = await this.#git.ask(['write-tree'], env)
    const trees = { head: home.head, now }
    const files = own && (await apartFromOwn({ source: this, paths, ...own, ...trees }))
    const tree = files && files.size > 0 ? await this.#treeWith(now, files) : now
    if ((await this.#git.ask(['rev-parse', `${home.head}^{tree}`])) === tree)
      throw new RequestError('conflict', 'These files are committed as they are.')
    const who = await this.#person.identity()
    // Merged by hand before it has nothing more to be merged.
    const isNew = merged !== undefined && !(await this.isBefore(merged, home.head))
    const parents = isNew ? [home.head, merged] : [home.head]
    const commit = await this.#git.commit({ tree, parents, message, at, who })
    await this.#person.pack(home, commit)
    await this.#crash('commitMade')
    if (!(await this.#person.moveHead(home, { to: commit, from: home.head, reason: 'commit' })))
      throw new RequestError('conflict', 'Somebody committed meanwhile; try again.')
    await this.#crash('headMoved')
    await this.#person.index(home, paths, await this.entries(commit, paths))
    return commit
  }

  #treeWith(tree: string, files: OtherFiles): Promise<string> {
    return this.#git.treeWith(tree, files, join(this.#folder, `compose-index-${++this.#composed}`))
  }

  async #uncommit(commit: string, paths: readonly string[]): Promise<void> {
    await this.#prepare()
    const home = await this.#person.home()
    if (!home) throw new RequestError('conflict', 'This folder is no git repository with a commit.')
    await this.#lend(home)
    await this.#person.free(home)
    const before = await this.#git.ask(['rev-parse', `${commit}^1`])
    const late = new RequestError(
      'conflict',
      'There is more on top of its commit by now; revert it with git.',
    )
    if (home.head !== before) {
      if (home.head !== commit) throw late
      if (await this.#person.isPushed(home, commit))
        throw new RequestError('conflict', 'Its commit was pushed; revert it with git.')
      if (!(await this.#person.moveHead(home, { to: before, from: commit, reason: 'undo commit' })))
        throw late
    }
    await this.#crash('headBack')
    await this.#person.index(home, paths, await this.entries(before, paths))
  }

  /** The objects of the person's repository are readable here from now on. */
  #lend({ gitDir }: Home): Promise<void> {
    // Who asks for a commit and who takes a copy do it at the same time.
    this.#lending = this.#lending
      .catch(() => undefined)
      .then(async () => {
        const objects = join(await this.#person.commonDir(gitDir), 'objects')
        const file = join(this.#gitDir, 'objects', 'info', 'alternates')
        await writeFile(`${file}.new`, `${objects}\n`)
        await rename(`${file}.new`, file)
      })
    return this.#lending
  }

  #prepare(): Promise<void> {
    this.#ready ??= this.#make().catch((error) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #make(): Promise<void> {
    const exclude = join(this.#gitDir, 'info', 'exclude')
    // One that an older server made may keep more out or less.
    if (await exists(join(this.#gitDir, 'info', 'attributes'))) return writeFile(exclude, neverKept)
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await rm(this.#gitDir, { recursive: true, force: true })
    const env = { GIT_DIR: this.#gitDir }
    const made = await this.#git.elsewhere(['init', '--bare', '--quiet', '--template='], {
      cwd: this.#folder,
      env,
    })
    if (made.code !== 0) throw new GitError(`git could not make a repository: ${made.problem.trim()}`)
    await this.#crash('repositoryBegun')
    await mkdir(join(this.#gitDir, 'info'), { recursive: true })
    await mkdir(join(this.#gitDir, 'objects', 'info'), { recursive: true })
    await writeFile(exclude, neverKept)
    // Last: what is half-made is made anew.
    await writeFile(join(this.#gitDir, 'info', 'attributes'), asTheyAre)
  }
}

/** The index stands beside the folder, where no command of the job reaches it. */
function placeOf(tree: string) {
  return { GIT_WORK_TREE: tree, GIT_INDEX_FILE: join(dirname(tree), 'index') }
}
