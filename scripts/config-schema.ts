import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { configFileSchema } from '../server/config-schema.ts'

/** The published JSON schema of `tandem.config.json`, for editors. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(configFileSchema)
  return `${JSON.stringify({ ...schema, title: 'Tandem configuration' }, null, 2)}\n`
}

if (import.meta.main) {
  writeFileSync(new URL('../public/tandem.config.schema.json', import.meta.url), configJsonSchema())
}
