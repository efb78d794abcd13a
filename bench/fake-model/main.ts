import { parseArgs } from 'node:util'
import { createFakeModel } from './fake-model.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    tps: { type: 'string', default: '1000' },
    model: { type: 'string', multiple: true, default: ['fake-fast'] },
    key: { type: 'string' },
  },
})
const fake = await createFakeModel({
  port: Number(values.port),
  tokensPerSecond: Number(values.tps),
  models: values.model,
  ...(values.key !== undefined && { apiKey: values.key }),
})
console.log(
  `Fake model: ${fake.url} (say "fake: prose 4000 at 1000", "fake: call NAME JSON" or "fake: patch")`,
)
