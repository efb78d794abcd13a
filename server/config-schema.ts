import { z } from 'zod'
import { approvalRuleSchema } from '../core/approval/rules.ts'
import { forgeKinds } from './jobs/forge.ts'
import { jobNews } from './jobs/webhooks.ts'
import { sandboxKinds } from './sandbox/runner.ts'

const poolName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)

const model = z.strictObject({
  id: z.string().min(1).describe("The backend's own name of the model."),
  name: z.string().min(1).exactOptional().describe('As people see it.'),
  contextWindow: z.int().positive().exactOptional().describe('Tokens, input and output together.'),
  maxOutputTokens: z.int().positive().exactOptional(),
  tools: z
    .enum(['custom', 'function', 'none'])
    .exactOptional()
    .describe('How it takes tools; none: it writes SEARCH/REPLACE blocks.'),
  tokensPerSecond: z.number().positive().exactOptional(),
  steer: z.boolean().exactOptional().describe('It takes new words while it responds (response.steer).'),
  compactsItself: z
    .boolean()
    .exactOptional()
    .describe('The API takes context_management: it condenses a long conversation itself while it answers.'),
  pool: poolName
    .exactOptional()
    .describe('Name of the pool whose limits it shares with other models: the same key or deployment.'),
  sealsSummaries: z
    .boolean()
    .exactOptional()
    .describe(
      'The API takes compaction_trigger: it summarises long threads itself, in a form only it reads.',
    ),
})

const provider = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .describe('Short name, first part of the model ids.'),
  api: z
    .enum(['responses', 'chat'])
    .describe('OpenAI Responses, or chat completions as Cerebras, vLLM, Ollama … speak it.'),
  baseUrl: z.url({ protocol: /^https?$/ }).describe('Up to and with /v1.'),
  apiKeyEnv: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Name of the environment variable that holds the key.'),
  keyHeader: z
    .string()
    .regex(/^[a-z0-9-]+$/i)
    .exactOptional()
    .describe(
      'Header that carries the key as it is, such as api-key (Azure). Default: Authorization: Bearer.',
    ),
  query: z
    .record(z.string(), z.string())
    .exactOptional()
    .describe('Added to every address, such as api-version (Azure).'),
  models: z.array(model).exactOptional().describe('Left out: what GET /models lists.'),
  pool: poolName
    .exactOptional()
    .describe('Name of the pool whose limits its models share that name none themselves.'),
  prefillIsFree: z
    .boolean()
    .exactOptional()
    .describe(
      'It takes nothing for input that is sent ahead of a prompt, so that everybody may have that. Default false.',
    ),
  transport: z
    .enum(['auto', 'websocket', 'http'])
    .exactOptional()
    .describe('Of the Responses API. Default auto: a WebSocket where one can be had, HTTP elsewhere.'),
  interrupt: z
    .boolean()
    .exactOptional()
    .describe(
      'The backend takes response.interrupt: Stop ends one of several responses on a WebSocket at once, so that more than 8 threads share connections. Default false.',
    ),
})

const bounds = {
  requestsPerMinute: z.int().positive().exactOptional(),
  tokensPerMinute: z.int().positive().exactOptional().describe('Input and reserved output together.'),
  concurrent: z.int().positive().exactOptional().describe('Calls at a time.'),
}

const poolLimits = z.strictObject({
  ...bounds,
  live: z
    .strictObject(bounds)
    .exactOptional()
    .describe('Of Live turns; what background work does not use is lent.'),
  background: z
    .strictObject(bounds)
    .exactOptional()
    .describe('Of jobs, checks and summaries; three quarters of what Live turns do not use are lent.'),
  perUser: z.strictObject(bounds).exactOptional().describe('Of one thread or guest link.'),
  concurrentPerUser: z
    .int()
    .positive()
    .exactOptional()
    .describe('Calls at a time of one thread or guest link.'),
})

const tier = z
  .array(z.string().regex(/^[^/:]+\/./, 'expected provider/model'))
  .min(1)
  .exactOptional()

/** `tandem.config.json`. Keys never stand in it: it names the environment variable that holds one. */
export const configFileSchema = z.strictObject({
  $schema: z.string().exactOptional(),
  workspaces: z.array(z.string().min(1)).exactOptional().describe('Folders to serve.'),
  host: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Address to listen on. Default 127.0.0.1; others need accounts, which do not exist yet.'),
  port: z.int().min(0).max(65535).exactOptional().describe('Default 3000; 0 takes a free one.'),
  hosts: z
    .array(z.string().min(1))
    .exactOptional()
    .describe('Further Host names that are answered, such as a reverse proxy uses.'),
  data: z.string().min(1).exactOptional().describe('Folder for the database. Default ~/.tandem.'),
  model: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      'The default model, provider/model, or tier:live and so on. Left out: tier:live where it is set.',
    ),
  tiers: z
    .strictObject({ live: tier, deep: tier, background: tier, helper: tier })
    .exactOptional()
    .describe(
      'Models, provider/model, by kind of work and in order: the next is asked when one does not answer. Left out: the default model.',
    ),
  deep: z
    .strictObject({
      checks: z
        .boolean()
        .exactOptional()
        .describe(
          'It looks for mistakes in finished Live turns that changed files, and corrects them. Default false.',
        ),
      plans: z
        .boolean()
        .exactOptional()
        .describe('It writes a short plan first, and the model of the thread writes by it. Default false.'),
    })
    .exactOptional()
    .describe('What a model of the tier deep does in new threads besides; each thread can be set otherwise.'),
  limits: z
    .record(z.string(), poolLimits)
    .exactOptional()
    .describe(
      'What a model, provider/model, or a pool, by its name, may be asked for by all threads together. Left out: no bound.',
    ),
  webhooks: z
    .array(
      z.strictObject({
        url: z.url({ protocol: /^https?$/ }),
        secretEnv: z
          .string()
          .min(1)
          .exactOptional()
          .describe('Name of the environment variable that holds the secret messages are signed with.'),
        events: z.array(z.enum(jobNews)).min(1).exactOptional().describe('Left out: all.'),
      }),
    )
    .exactOptional()
    .describe('Told by POST when a background job is done, has failed or needs a person.'),
  forges: z
    .array(
      z.strictObject({
        kind: z.enum(forgeKinds),
        url: z
          .url({ protocol: /^https?$/ })
          .exactOptional()
          .describe('Left out: https://github.com or https://gitlab.com.'),
        apiUrl: z
          .url({ protocol: /^https?$/ })
          .exactOptional()
          .describe('Left out: that of the address above.'),
        tokenEnv: z
          .string()
          .min(1)
          .describe(
            'Name of the environment variable that holds the token. It goes to these addresses only.',
          ),
      }),
    )
    .exactOptional()
    .describe('Where branches of background jobs can be pushed and pull requests opened.'),
  prices: z
    .record(
      z.string(),
      z.strictObject({
        input: z.number().nonnegative(),
        cached: z.number().nonnegative().exactOptional().describe('Left out: as input.'),
        output: z.number().nonnegative(),
      }),
    )
    .exactOptional()
    .describe(
      'What a model, provider/model, costs: US dollars for a million tokens. Jobs show and bound it; left out, they say so.',
    ),
  metrics: z
    .boolean()
    .exactOptional()
    .describe(
      'Serve Prometheus metrics at /metrics, to whoever has the key in metrics.key in the data folder. Default false.',
    ),
  telemetry: z
    .strictObject({
      otlpEndpoint: z
        .url({ protocol: /^https?$/ })
        .exactOptional()
        .describe('OpenTelemetry collector that spans are sent to; /v1/traces is added. Left out: none are.'),
    })
    .exactOptional(),
  providers: z.array(provider).exactOptional(),
  sandbox: z
    .enum(sandboxKinds)
    .exactOptional()
    .describe(
      'Where commands run, and nowhere when that cannot be set up. bwrap: bubblewrap, the default on Linux. container: podman or docker, see container. seatbelt: sandbox-exec, the default on macOS. unsafe-none: as the user of the server, with no protection whatever.',
    ),
  container: z
    .strictObject({
      image: z
        .string()
        .min(1)
        .exactOptional()
        .describe('Image that commands run in. It has to be on the machine: none is fetched.'),
      program: z
        .string()
        .min(1)
        .exactOptional()
        .describe('podman (default), docker, or the path of a program that is called in the same way.'),
      cpus: z
        .number()
        .positive()
        .exactOptional()
        .describe('Processors one command may use. Left out: all, after everything else.'),
    })
    .exactOptional()
    .describe('For sandbox: container.'),
  caches: z
    .record(
      z.string().regex(/^[A-Za-z_]\w*$/),
      z.string().regex(/^(?:~\/|\/)/, 'Expected an absolute path or one that begins with ~/.'),
    )
    .exactOptional()
    .describe(
      'Caches of package managers that commands may read and not change, by the variable that names each to its program, such as {"npm_config_cache": "~/.npm"}. Left out: none.',
    ),
  jobs: z
    .strictObject({
      running: z.int().min(1).max(64).exactOptional().describe('Jobs that run at a time. Default 4.'),
      agentDepth: z
        .int()
        .min(0)
        .max(4)
        .exactOptional()
        .describe('How deep jobs may split themselves: 0, no agents; 1, no agents of agents. Default 2.'),
      agentsPerJob: z
        .int()
        .min(1)
        .max(100)
        .exactOptional()
        .describe('Agents one job may start in all. Default 12.'),
      diskMb: z
        .int()
        .min(1)
        .exactOptional()
        .describe(
          'MiB that the copy of a job and those of its agents may take before it asks. Default 20480.',
        ),
      setup: z
        .string()
        .min(1)
        .exactOptional()
        .describe(
          'Lines for the shell that make a copy fit to work in, such as npm ci; run once for each copy, in the sandbox. A workspace’s own .tandem/setup comes before it.',
        ),
      runningAgents: z
        .int()
        .min(1)
        .max(100)
        .exactOptional()
        .describe('Agents of one depth that run at a time, of all jobs together. Default 8.'),
    })
    .exactOptional(),
  speculation: z
    .enum(['off', 'connection', 'prefill'])
    .exactOptional()
    .describe(
      'The most that is sent ahead while someone writes a prompt, never the words themselves; everybody may have less. connection (default): connections are opened, instructions and tools prepared; prefill: the conversation so far and attached files too, which the provider may bill (see prefillIsFree of a provider), and not in threads that are shared by link.',
    ),
  approvals: z
    .array(approvalRuleSchema)
    .exactOptional()
    .describe(
      'What the model may run without asking (allow), must ask for (ask), or never does (deny, which wins). What no rule speaks of is asked.',
    ),
  discoverLocal: z
    .boolean()
    .exactOptional()
    .describe('Look for Ollama, LM Studio, llama.cpp and vLLM on this machine. Default true.'),
})
export type ConfigFile = z.infer<typeof configFileSchema>
