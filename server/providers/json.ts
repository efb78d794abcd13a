/** A JSON object whose fields are not yet known: what providers narrow, field by field, on the hot path. */
export type Json = Readonly<Record<string, unknown>>

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a JSON text, or `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function objectAt(value: unknown, key: string): Json | undefined {
  const field = isJson(value) ? value[key] : undefined
  return isJson(field) ? field : undefined
}

export function textAt(value: unknown, key: string): string | undefined {
  const field = isJson(value) ? value[key] : undefined
  return typeof field === 'string' ? field : undefined
}

export function numberAt(value: unknown, key: string): number | undefined {
  const field = isJson(value) ? value[key] : undefined
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined
}

export function listAt(value: unknown, key: string): readonly unknown[] {
  const field = isJson(value) ? value[key] : undefined
  return Array.isArray(field) ? field : []
}

/** A count of tokens as usage wants it. */
export function countAt(value: unknown, key: string): number {
  return Math.max(0, Math.trunc(numberAt(value, key) ?? 0))
}
