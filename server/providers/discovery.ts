import http from 'node:http'
import { type ConfiguredModel, listedModels } from './model-list.ts'

/** A server of models that may run on this machine. */
export interface LocalServer {
  readonly id: string
  readonly port: number
}

export const localServers: readonly LocalServer[] = [
  { id: 'ollama', port: 11434 },
  { id: 'lmstudio', port: 1234 },
  { id: 'llamacpp', port: 8080 },
  { id: 'vllm', port: 8000 },
]

export interface FoundServer extends LocalServer {
  readonly baseUrl: string
  readonly models: readonly ConfiguredModel[]
}

const bodyChars = 1024 * 1024

/** Asks the usual ports of this machine, all at once, for their models. What answers otherwise is something else. */
export async function discover(options: {
  readonly servers: readonly LocalServer[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}): Promise<readonly FoundServer[]> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)])
  const found = await Promise.all(
    options.servers.map(async (server) => {
      const baseUrl = `http://127.0.0.1:${server.port}/v1`
      const models = listedModels(await fetchText(`${baseUrl}/models`, signal))
      return models.length > 0 ? [{ ...server, baseUrl, models }] : []
    }),
  )
  return found.flat()
}

/** `''` for whatever goes wrong. */
function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, signal }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
        if (body.length > bodyChars) request.destroy()
      })
      response.on('end', () => resolve(response.statusCode === 200 ? body : ''))
      response.on('close', () => resolve(''))
      response.on('error', () => resolve(''))
    })
    request.on('error', () => resolve(''))
  })
}
