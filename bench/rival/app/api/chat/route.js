import { createOpenAI } from '@ai-sdk/openai'
import { createUIMessageStreamResponse, streamText, toUIMessageStream } from 'ai'

export const dynamic = 'force-dynamic'

const openai = createOpenAI({ baseURL: process.env.RIVAL_MODEL_URL ?? '', apiKey: 'none' })

/**
 * The route most chat applications have: the prompt goes to the model, its stream to the page.
 *
 * @param {Request} request
 */
export async function POST(request) {
  const { prompt } = await request.json()
  const { stream } = streamText({
    model: openai.responses('fake-fast'),
    prompt,
    abortSignal: request.signal,
  })
  return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream }) })
}
