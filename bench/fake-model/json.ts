export type Json = Readonly<Record<string, unknown>>

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text)
  return isJson(value) ? value : {}
}

export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : []
}
