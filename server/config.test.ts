import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configJsonSchema } from '../scripts/config-schema.ts'
import { ConfigError, readConfig } from './config.ts'

function configFile(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'tandem-config-')), 'tandem.config.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

test('[CONFIG-1] flags win over the environment, that over the file, that over the defaults', () => {
  const config = configFile({ port: 4000, data: '/tmp/from-file' })
  expect(readConfig(['--config', config], {})).toMatchObject({
    host: '127.0.0.1',
    port: 4000,
    data: '/tmp/from-file',
  })
  expect(readConfig(['--config', config], { TANDEM_PORT: '5000' }).port).toBe(5000)
  expect(readConfig(['--config', config, '--port', '6000'], { TANDEM_PORT: '5000' }).port).toBe(6000)
  expect(readConfig([], {}).port).toBe(3000)
})

test('[CONFIG-2] a wrong value stops the start with the name of the setting and what was expected', () => {
  const message = (args: string[], env = {}) => {
    try {
      readConfig(args, env)
      return 'accepted'
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      return (error as Error).message
    }
  }
  expect(message(['--port', 'many'])).toMatch(/port: expected a whole number/)
  expect(message(['--workspace', '/no/such/folder'])).toMatch(/workspace: there is no folder/)
  expect(message(['--wrong'])).toMatch(/--wrong/)
  expect(message(['--config', configFile('{')])).toMatch(/not valid JSON/)
  expect(message(['--config', configFile({ port: 'x' })])).toMatch(/port: .*number/)
  expect(message(['--config', configFile({ prot: 1 })])).toMatch(/prot/)
  const provider = { id: 'p', api: 'chat', baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: 'MY_KEY' }
  expect(message(['--config', configFile({ providers: [provider] })])).toMatch(/MY_KEY, which is not set/)
  const twice = ['--config', configFile({ providers: [provider, provider] })]
  expect(message(twice, { MY_KEY: 'k' })).toMatch(/providers: .*p twice/)
  expect(message(['--workspace', configFile({})])).toMatch(/workspace: .* is no folder/)
  expect(message([], { TANDEM_LOG: 'loud' })).toMatch(/TANDEM_LOG: expected one of .*got "loud"/)
  for (const wrong of ['api.example.com', 'localhost:8000/v1', 'file:///etc']) {
    expect(message([], { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: wrong })).toMatch(/OPENAI_BASE_URL: expected/)
  }
  expect(readConfig([], { TANDEM_PORT: '', TANDEM_HOST: '', OPENAI_API_KEY: '' })).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
  })
})

test('[CONFIG-6] a folder that is named twice is served once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-config-'))
  symlinkSync(folder, `${folder}.link`)
  const { workspaces } = readConfig(['--workspace', folder, '--workspace', `${folder}.link`], {})
  expect(workspaces).toHaveLength(1)
})

test('[CONFIG-3] the server does not open itself to the network without accounts', () => {
  expect(() => readConfig(['--host', '0.0.0.0'], {})).toThrow(/needs accounts/)
  expect(() => readConfig([], { TANDEM_HOST: '192.168.1.2' })).toThrow(/needs accounts/)
  expect(readConfig(['--host', 'localhost'], {}).host).toBe('localhost')
})

test('[CONFIG-4] keys come from the environment only, by the name the file gives', () => {
  const provider = { id: 'p', api: 'chat', baseUrl: 'http://127.0.0.1:1/v1', apiKeyEnv: 'MY_KEY' }
  const config = readConfig(['--config', configFile({ providers: [provider] })], {
    MY_KEY: 'k',
    OPENAI_API_KEY: 'o',
  })
  expect(config.providers).toMatchObject({ openai: { apiKey: 'o' }, custom: [{ id: 'p', apiKey: 'k' }] })
  const withKey = configFile({ providers: [{ ...provider, apiKey: 'in-the-file' }] })
  expect(() => readConfig(['--config', withKey], {})).toThrow(ConfigError)
})

test('[CONFIG-5] the published schema is the one that is checked against', () => {
  const published = readFileSync(new URL('../public/tandem.config.schema.json', import.meta.url), 'utf8')
  expect(published).toBe(configJsonSchema())
})

test('[RUNNER-14] commands run in bubblewrap unless the file or TANDEM_SANDBOX says otherwise; nonsense stops the start', () => {
  expect(readConfig([], {}).sandbox).toBe('bwrap')
  const config = configFile({ sandbox: 'unsafe-none' })
  expect(readConfig(['--config', config], {}).sandbox).toBe('unsafe-none')
  expect(readConfig(['--config', config], { TANDEM_SANDBOX: 'bwrap' }).sandbox).toBe('bwrap')
  expect(() => readConfig([], { TANDEM_SANDBOX: 'none' })).toThrow(/TANDEM_SANDBOX: expected one of bwrap/)
})

test('[SANDBOX-64] containers are chosen in the file or the environment and need an image; the engine is told where it is reached, and no key', () => {
  expect(() => readConfig([], { TANDEM_SANDBOX: 'container' })).toThrow(
    /container\.image: .*TANDEM_CONTAINER_IMAGE/,
  )
  const config = configFile({ sandbox: 'container', container: { image: 'a', program: 'docker', cpus: 2 } })
  const env = { DOCKER_HOST: 'unix:///d', OPENAI_API_KEY: 'key', PATH: '/bin' }
  expect(readConfig(['--config', config], env)).toMatchObject({
    sandbox: 'container',
    container: { image: 'a', program: 'docker', cpus: 2, env: { DOCKER_HOST: 'unix:///d', PATH: '/bin' } },
  })
  const own = readConfig(['--config', config], {
    TANDEM_CONTAINER_IMAGE: 'b',
    TANDEM_CONTAINER_PROGRAM: 'podman',
  })
  expect(own.container).toMatchObject({ image: 'b', program: 'podman', env: {} })
  expect(JSON.stringify(readConfig(['--config', config], env).container)).not.toContain('key')
  expect(readConfig([], {}).container).toBeUndefined()
})
