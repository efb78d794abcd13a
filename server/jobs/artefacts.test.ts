import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { JobId } from '../../core/protocol/ids.ts'
import { command, edit, ended, handOff, say, worldsOfTests } from '../testing/job-world.ts'
import type { World } from '../testing/world.ts'
import { createArtefactFiles } from './artefact-files.ts'

const { open, restart } = worldsOfTests()
const approvals = [{ action: 'allow', tool: 'run_command' } as const]
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

const files = {
  'a.txt': 'a\n',
  '.gitignore': 'out/\n*.log\n.env\ngiven\ndeps/\n',
  '.env': 'KEY=1\n',
  '.worktreeinclude': '.env\n',
  '.tandem/setup': 'echo given > given',
}

/** A job that ran these lines and changed `a.txt`. */
async function ran(world: World, ...lines: readonly string[]): Promise<JobId> {
  const steps = lines.map((line) => [command(line)])
  world.model.script = [{ match: 'the task', steps: [...steps, [edit('a.txt', 'a', 'A')], [say('Done.')]] }]
  const { id } = await world.jobs.start(handOff(world))
  expect((await ended(world, { id })).state).toBe('done')
  return id
}

const paths = async ({ jobs }: World, id: JobId) => (await jobs.artefacts(id)).files.map(({ path }) => path)
const treeOf = ({ jobs }: World, id: JobId) => jobs.copies.tree(jobs.run(id).job)

test('[RJOB-140] what commands wrote and git ignores is listed: what is meant for people first, nothing that was there before, no packages, no links', async () => {
  const world = await open(files, { approvals })
  const id = await ran(
    world,
    'mkdir -p out/html .artifacts node_modules/x; echo 1 > out/html/index.html; echo 2 > build.log; echo 3 > node_modules/x/y.log',
    'echo 4 > .artifacts/report.md; echo 5 > seen.txt; ln -s /etc/hostname out/link; ln -s /etc out/folder; touch "out/a b.txt"',
  )
  const { job } = world.jobs.run(id)
  expect(job.files.map(({ path }) => path)).toEqual(['a.txt', 'seen.txt'])
  const listed = await world.jobs.artefacts(id)
  const names = listed.files.map(({ path }) => path)
  expect(names[0]).toBe('.artifacts/report.md')
  expect(names.toSorted()).toEqual([
    '.artifacts/report.md',
    'build.log',
    'out/a b.txt',
    'out/html/index.html',
  ])
  expect(listed).toMatchObject({ more: 0 })
  expect(listed.files[0]).toMatchObject({ bytes: 2, at: expect.any(Number) })
  // It was given these, and has changed one of them.
  const other = await ran(world, 'echo KEY=2 > .env')
  expect(await paths(world, other)).toEqual(['.env'])
  expect(world.bugs).toEqual([])
})

test('[RJOB-140] of very many the best are listed, and how many more there are', async () => {
  const world = await open(files, { approvals })
  const id = await ran(
    world,
    'mkdir out .artifacts; for i in $(seq 260); do echo > out/$i; done; echo > .artifacts/it',
  )
  const { files: listed, more } = await world.jobs.artefacts(id)
  expect([listed.length, listed[0]?.path, more]).toEqual([200, '.artifacts/it', 61])
})

/** Asks for a file as a browser does; the path goes as it is. */
async function fetched(world: World, path: string, method = 'GET') {
  const answer = createArtefactFiles(world.jobs)
  const server = createServer(async (request, response) => {
    if (!(await answer(request, response, request.url ?? ''))) response.end('something else')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, agent: false }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
    })
    sent.on('error', reject).end()
  })
}

test('[RJOB-141] one is read in part and saved whole, whatever is in it', async () => {
  const world = await open(files, { approvals })
  const id = await ran(
    world,
    'mkdir out; printf "<script>1</script>" > out/page.html; printf "a\\0b" > out/bytes; yes 1234567 | head -c 300000 > out/long; touch out/none; cp out/bytes out/图.png',
  )
  const { artefacts } = world.jobs.copies
  const { job } = world.jobs.run(id)
  expect(await artefacts.read(job, 'out/page.html')).toEqual({ text: '<script>1</script>', cut: false })
  expect(await artefacts.read(job, 'out/bytes')).toEqual({ cut: false })
  expect(await artefacts.read(job, 'out/none')).toEqual({ text: '', cut: false })
  const long = await artefacts.read(job, 'out/long')
  expect([long.text?.length, long.cut]).toEqual([256 * 1024, true])
  const page = await fetched(world, `/artefacts/${id}/out/page.html`)
  expect(page).toMatchObject({ status: 200, body: '<script>1</script>' })
  expect(page.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': "attachment; filename*=UTF-8''page.html",
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
  })
  expect((await fetched(world, `/artefacts/${id}/out/long`)).body.length).toBe(300_000)
  expect((await fetched(world, `/artefacts/${id}/out/none`)).body).toBe('')
  const picture = await fetched(world, `/artefacts/${id}/${encodeURI('out/图.png')}`)
  expect(picture.headers).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': "attachment; filename*=UTF-8''%E5%9B%BE.png",
  })
})

test('[RJOB-141] no way leads out of the copy, and what is not there is said to be so', async () => {
  const world = await open(files, { approvals })
  const id = await ran(world, 'mkdir out; echo 1 > out/real; mkfifo out/pipe')
  const tree = treeOf(world, id)
  writeFileSync(join(tree, '..', 'secret'), 'a secret')
  symlinkSync('../../secret', join(tree, 'out', 'link'))
  symlinkSync('../..', join(tree, 'out', 'folder'))
  expect(readFileSync(join(tree, 'out', 'link'), 'utf8')).toBe('a secret')
  expect((await fetched(world, `/artefacts/${id}/out/real`)).status).toBe(200)
  const ways = [
    'out/link',
    'out/folder/secret',
    '..%2fsecret',
    '%2e%2e/secret',
    'out/pipe',
    'out',
    'none',
    '%ff',
  ]
  for (const way of ways) {
    const { status, body } = await fetched(world, `/artefacts/${id}/${way}`)
    expect([way, status, body]).toEqual([way, 404, 'There is no such file of that job any more.\n'])
  }
  expect((await fetched(world, `/artefacts/${id}/out/real`, 'POST')).status).toBe(404)
  expect((await fetched(world, '/artefacts/job_other/out/real')).status).toBe(404)
  expect((await fetched(world, '/artefacts/')).body).toBe('something else')
})

for (const how of ['came back', 'were discarded']) {
  test(`[RJOB-142] they outlive the copy when the changes ${how}, and go with the job`, async () => {
    const world = await open(files, { approvals })
    const id = await ran(world, 'mkdir -p out/deep .artifacts; echo 1 > out/deep/a; echo 2 > .artifacts/b')
    if (how === 'came back') await world.jobs.outcomes.apply(id, undefined)
    else await world.jobs.outcomes.discard(id, true)
    expect(existsSync(treeOf(world, id))).toBe(false)
    expect(await paths(world, id)).toEqual(['.artifacts/b', 'out/deep/a'])
    expect((await fetched(world, `/artefacts/${id}/out/deep/a`)).body).toBe('1\n')
    const again = await restart(world)
    expect(await paths(again, id)).toEqual(['.artifacts/b', 'out/deep/a'])
    await again.jobs.remove(id)
    expect(existsSync(join(treeOf(again, id), '..'))).toBe(false)
  })
}

test('[RJOB-143] what a job changed in files it was given stays when it goes on in its copy, and a copy made anew is made fit again', async () => {
  const world = await open(files, { approvals })
  const id = await ran(world, 'echo KEY=2 > .env')
  const shows = command('cat .env given')
  const output = async (match: string) => {
    world.model.script = [{ match, steps: [[shows], [say('Seen.')]] }]
    const thread = await world.threads.get(world.jobs.run(id).job.threadId)
    const { items } = await world.ask(thread, match)
    await ended(world, { id })
    const call = items.find((item) => item.type === 'toolCall')
    return call?.type === 'toolCall' ? call.output : undefined
  }
  expect(await output('once more')).toMatch(/^KEY=2\ngiven\n/)
  await world.jobs.outcomes.apply(id, undefined)
  expect(existsSync(treeOf(world, id))).toBe(false)
  expect(await output('and again')).toMatch(/^KEY=1\ngiven\n/)
  expect(world.bugs).toEqual([])
})
