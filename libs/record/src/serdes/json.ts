import { MillraceError } from '@millrace/errors'
import type { Serde } from '../serde.ts'
import { parseJson } from './parse-json.ts'
import { type StandardSchema, validated } from './standard-schema.ts'
import { unencodable } from './unencodable.ts'

/**
 * JSON in UTF-8. With a Standard Schema (Zod, Valibot, …) every value that comes from outside is
 * validated, and the type is the schema's output; without, the type is what you say it is.
 *
 * - A schema must validate synchronously (`MILLRACE_RECORD_SCHEMA_ASYNC`).
 * - A schema is not asked again where Millrace reads what it wrote itself (repartition topics,
 *   stores): the output of its transforms must survive JSON (a `Date` does not).
 * - As a key: two objects are the same key where their JSON text is the same, so the order of
 *   properties counts.
 *
 * Throws `MILLRACE_RECORD_UNDECODABLE` (not JSON), `MILLRACE_RECORD_INVALID` (not the schema, or
 * an object with a property `__proto__`), `MILLRACE_RECORD_UNENCODABLE`.
 *
 * ```ts
 * const Flight = z.object({ origin: z.string(), delay: z.number() })
 * t.stream('flights', { value: json(Flight) })
 * ```
 */
export function json<T>(schema: StandardSchema<T>): Serde<T>
export function json<T = unknown>(): Serde<T>
export function json<T>(schema?: StandardSchema<T>): Serde<T> {
  if (schema === undefined) return plainJson as Serde<T>
  if (schema['~standard']?.version !== 1) {
    throw new MillraceError('MILLRACE_RECORD_INVALID', {
      message: 'json() was given something that is not a Standard Schema of version 1',
      remedy:
        'Pass a schema of Zod 3.24 or later, Valibot 1, ArkType 2 or another that implements it.',
      recovery: 'stop',
    })
  }
  return Object.freeze({
    ...plainJson,
    deserialize: (bytes: Buffer) => validated(schema, parseJson(bytes)),
    internal: plainJson,
  }) as Serde<T>
}

const plainJson: Serde<unknown> = Object.freeze({
  name: 'json',
  serialize: (value: unknown) => Buffer.from(stringify(value), 'utf8'),
  deserialize: parseJson,
  identity: stringify,
})

function stringify(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw unencodable('json', value, cause)
  }
  if (text === undefined) throw unencodable('json', value)
  return text
}
