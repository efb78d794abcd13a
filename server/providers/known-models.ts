import type { ModelDescription } from '../../core/protocol/model.ts'

/** What is known of a model beyond its name. The first row that fits counts. */
export interface KnownModel extends ModelTraits {
  readonly match: RegExp
}

export interface ModelTraits {
  readonly contextWindow: number
  readonly maxOutputTokens: number
  readonly tools: ModelDescription['tools']
  readonly images?: boolean
  readonly steer?: boolean
  readonly sealsSummaries?: boolean
  readonly prefillIsFree?: boolean
  readonly compactsItself?: boolean
  readonly tokensPerSecond?: number
}

/** Names in a list of models that are not for conversation. */
export const otherPurpose =
  /embed|whisper|tts|dall-e|moderation|rerank|image|realtime|audio|transcribe|sora|babbage|davinci|instruct$|-search/i

const codex = { contextWindow: 400_000, maxOutputTokens: 128_000, tools: 'custom', images: true } as const

export const knownModels: readonly KnownModel[] = [
  {
    match: /^gpt-5\.3-codex-spark/,
    contextWindow: 128_000,
    maxOutputTokens: 32_000,
    tools: 'custom',
    tokensPerSecond: 1000,
  },
  { match: /^gpt-6/, ...codex, steer: true },
  { match: /^gpt-5/, ...codex },
  { match: /^codex/, ...codex },
  { match: /^gpt-4\.1/, contextWindow: 1_047_576, maxOutputTokens: 32_768, tools: 'function', images: true },
  {
    match: /^(chatgpt-)?(gpt-)?4o/,
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    tools: 'function',
    images: true,
  },
  { match: /^o[1-9]/, contextWindow: 200_000, maxOutputTokens: 100_000, tools: 'function', images: true },
  { match: /gpt-oss/, contextWindow: 131_072, maxOutputTokens: 32_768, tools: 'function' },
  {
    match:
      /qwen-?(2\.5-coder|3|4)|devstral|codestral|mistral|ministral|llama-?[34]|glm-?[45]|deepseek|kimi|minimax|granite/i,
    contextWindow: 32_768,
    maxOutputTokens: 8192,
    tools: 'function',
  },
]

/** The same names run faster there; the output limit is small because it is taken from the quota up front. */
export const cerebrasModels: readonly KnownModel[] = [
  {
    match: /^gpt-oss-120b/,
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    tools: 'function',
    tokensPerSecond: 3000,
  },
  {
    match: /^zai-glm/,
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    tools: 'function',
    tokensPerSecond: 1000,
  },
  {
    match: /^qwen-3/,
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    tools: 'function',
    tokensPerSecond: 1500,
  },
  {
    match: /^llama-?3\.1-8b/,
    contextWindow: 32_768,
    maxOutputTokens: 8192,
    tools: 'function',
    tokensPerSecond: 2000,
  },
  {
    match: /^llama/,
    contextWindow: 131_072,
    maxOutputTokens: 16_384,
    tools: 'function',
    tokensPerSecond: 2000,
  },
]
