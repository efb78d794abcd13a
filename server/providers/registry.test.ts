import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeModel } from '../../bench/fake-model/fake-model.ts'
import { ManualClock } from '../../core/lib/clock.ts'
import type { ModelDescription } from '../../core/protocol/model.ts'
import { patientTimeouts, requestOf, run, sessionOptions, textOf } from '../testing/provider-requests.ts'
import { systemTimers } from '../timers.ts'
import { discover } from './discovery.ts'
import type { Provider } from './provider.ts'
import type { Providers, ProvidersConfig } from './providers.ts'
import { createProviders } from './registry.ts'

const assistant: ModelDescription = {
  id: 'builtin/assistant',
  providerId: 'builtin',
  name: 'Assistant',
  kind: 'assistant',
  contextWindow: 1000,
  maxOutputTokens: 1000,
  modalities: ['text'],
  tools: 'none',
  transport: 'local',
  steer: false,
  status: 'ready',
}
const builtin: Provider = {
  id: 'builtin',
  models: () => Promise.resolve([assistant]),
  openSession() {
    throw new Error('Not in these tests.')
  },
}

describe('the registry of providers', () => {
  const closing: (() => unknown)[] = []
  const signal = new AbortController().signal
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  async function fakeModel(options: Parameters<typeof createFakeModel>[0] = {}) {
    const fake = await createFakeModel({ script: () => [{ type: 'text', text: 'ok' }], ...options })
    closing.push(() => fake.close())
    return fake
  }
  function registry(config: ProvidersConfig, clock = new ManualClock()): Providers {
    const providers = createProviders(
      { discovery: false, ...config },
      { clock, timers: systemTimers, builtin, timeouts: patientTimeouts },
    )
    closing.push(() => providers.close())
    return providers
  }
  async function listen(handler: RequestListener): Promise<number> {
    const server = createServer(handler)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    return (server.address() as AddressInfo).port
  }

  it('[PROV-18] falls back from configured models to local ones to the assistant', async () => {
    const local = await fakeModel({ models: ['qwen3-coder'] })
    const discovery = [{ id: 'ollama', port: local.port }]
    expect(await registry({}).defaultModelId(signal)).toBe('builtin/assistant')
    expect(await registry({ discovery }).defaultModelId(signal)).toBe('ollama/qwen3-coder')
    const remote = await fakeModel({ models: ['gpt-oss-120b'] })
    const cerebras = { apiKey: 'k', baseUrl: remote.cerebrasUrl }
    expect(await registry({ discovery, cerebras }).defaultModelId(signal)).toBe('cerebras/gpt-oss-120b')
    await remote.close()
    expect(await registry({ discovery, cerebras }).defaultModelId(signal)).toBe('ollama/qwen3-coder')
  })

  it('[PROV-18] runs what it finds, with the key of its provider', async () => {
    const fake = await fakeModel({ apiKey: 'secret', models: ['gpt-5.3-codex-spark'] })
    const providers = registry({ openai: { apiKey: ' secret\n', baseUrl: `${fake.url}/` } })
    const found = providers.find('openai/gpt-5.3-codex-spark')
    expect(found?.description).toMatchObject({
      contextWindow: 128_000,
      tools: 'custom',
      tokensPerSecond: 1000,
    })
    const session = found?.provider.openSession(sessionOptions())
    expect(session && textOf(await run(session, requestOf('hi')))).toBe('ok')
    session?.close()
  })

  it('[UPLINK-6] speaks to Azure and xAI as they want it, over a WebSocket, HTTP and for the list', async () => {
    const fake = await fakeModel({ apiKey: 'xai-key' })
    const azure = await fakeModel()
    const shared = { api: 'responses', models: [{ id: 'fake-fast' }] } as const
    const toAzure = {
      ...shared,
      baseUrl: `http://127.0.0.1:${azure.port}/openai/v1/`,
      apiKey: 'azure-key',
      keyHeader: 'api-key',
      query: { 'api-version': '2025-04-01-preview' },
    }
    const providers = registry({
      custom: [
        { ...toAzure, id: 'azure' },
        { ...toAzure, id: 'azure-http', transport: 'http' },
        { ...toAzure, id: 'azure-chat', api: 'chat' },
        { ...shared, id: 'xai', baseUrl: fake.url, apiKey: 'xai-key' },
      ],
    })
    for (const id of ['azure', 'azure-http', 'azure-chat', 'xai']) {
      const session = providers.find(`${id}/fake-fast`)?.provider.openSession(sessionOptions())
      closing.unshift(() => session?.close())
      expect(session && textOf(await run(session, requestOf('hi')))).toBe('ok')
    }
    await providers.models(signal)
    const seen = azure.requests.map(({ kind, path, headers }) => [kind, path, headers['api-key']])
    const query = '?api-version=2025-04-01-preview'
    expect(seen.slice(0, 3)).toEqual([
      ['responses-websocket', `/openai/v1/responses${query}`, 'azure-key'],
      ['responses-sse', `/openai/v1/responses${query}`, 'azure-key'],
      ['chat', `/openai/v1/chat/completions${query}`, 'azure-key'],
    ])
    expect(seen.at(-1)).toEqual(['models', `/openai/v1/models${query}`, 'azure-key'])
    expect(azure.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
    expect(fake.requests[0]).toMatchObject({
      kind: 'responses-websocket',
      headers: { authorization: 'Bearer xai-key' },
    })
  })

  it('[PROV-18] finds nothing for an id nobody has', async () => {
    const providers = registry({})
    for (const id of ['', '/', 'x', 'none/x', 'openai/gpt-5']) expect(providers.find(id)).toBeUndefined()
    expect(providers.find('builtin/assistant')).toBeUndefined()
    await providers.models(signal)
    expect(providers.find('builtin/assistant')?.description).toBe(assistant)
  })

  it('[PROV-19] finds local servers by their answer and nothing else that listens', async () => {
    const local = await fakeModel({ models: ['a', 'text-embedding-3'] })
    const page = await listen((_request, response) => response.end('<h1>My site</h1>'))
    const silent = await listen(() => {})
    const servers = [
      { id: 'ollama', port: local.port },
      { id: 'lmstudio', port: page },
      { id: 'vllm', port: silent },
      { id: 'llamacpp', port: 9 },
    ]
    const found = await discover({ servers, timeoutMs: 300, signal })
    expect(found.map(({ id, baseUrl }) => [id, baseUrl])).toEqual([
      ['ollama', `http://127.0.0.1:${local.port}/v1`],
    ])
  })

  it('[PROV-19] notices a local server that starts later, and one that stops', async () => {
    const clock = new ManualClock()
    const port = await listen((_request, response) => response.end())
    const local = await fakeModel({ models: ['llama3.2'] })
    const names = async (providers: Providers) => (await providers.models(signal)).map(({ id }) => id)
    const providers = registry(
      {
        discovery: [
          { id: 'ollama', port: local.port },
          { id: 'vllm', port },
        ],
      },
      clock,
    )
    expect(await names(providers)).toEqual(['ollama/llama3.2', 'builtin/assistant'])
    await local.close()
    expect(await names(providers)).toEqual(['ollama/llama3.2', 'builtin/assistant'])
    clock.advance(6000)
    expect(await names(providers)).toEqual(['builtin/assistant'])
  })

  it('[PROV-20] describes configured models as configured, and says when a key is wrong', async () => {
    const fake = await fakeModel({ apiKey: 'right' })
    const custom = {
      id: 'gate',
      api: 'chat' as const,
      baseUrl: fake.url,
      tools: 'none' as const,
      models: [{ id: 'big', contextWindow: 1000, name: 'Big one' }, { id: 'gpt-oss-20b' }],
    }
    const wrong = await registry({ custom: [{ ...custom, apiKey: 'wrong' }] }).models(signal)
    expect(wrong.map(({ status }) => status)).toEqual(['needsKey', 'needsKey', 'ready'])
    const [big, oss] = await registry({ custom: [{ ...custom, apiKey: 'right' }] }).models(signal)
    expect(big).toMatchObject({
      id: 'gate/big',
      name: 'Big one',
      contextWindow: 1000,
      maxOutputTokens: 500,
      tools: 'none',
    })
    expect(oss).toMatchObject({
      id: 'gate/gpt-oss-20b',
      contextWindow: 131_072,
      tools: 'none',
      status: 'ready',
    })
  })

  it('[PROV-20] asks a backend for its list once a minute and leaves out what is not for conversation', async () => {
    const clock = new ManualClock()
    const fake = await fakeModel({
      models: ['text-embedding-3-large', 'whisper-1', 'gpt-5.2', 'gpt-5.3-codex-spark'],
    })
    const providers = registry({ openai: { apiKey: 'k', baseUrl: fake.url } }, clock)
    const names = async () => (await providers.models(signal)).map(({ name }) => name)
    expect(await names()).toEqual(['gpt-5.3-codex-spark', 'gpt-5.2', 'Assistant'])
    await names()
    expect(fake.requests).toHaveLength(1)
    clock.advance(61_000)
    await names()
    expect(fake.requests).toHaveLength(2)
  })
})
