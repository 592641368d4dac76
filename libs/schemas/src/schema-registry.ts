import { MillraceError } from '@millrace/errors'
import type { Serde } from '@millrace/record'
import { type Clock, type Duration, parseDuration, systemClock } from '@millrace/time'
import { avroFormat } from './avro-format.ts'
import { jsonSchemaFormat } from './json-schema-format.ts'
import { KnownSchemas } from './known-schemas.ts'
import { registeredSerde } from './registered-serde.ts'
import { RegistryClient } from './registry-client.ts'

export interface SchemaRegistryOptions {
  /** Where it answers, e.g. `http://localhost:8081`. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Whether schemas that are written are registered at the start (default), or must be there. */
  readonly register?: boolean
  /** For each request. Default 5 s. */
  readonly timeout?: Duration
  /** How long a schema that a record names is asked for before the record fails. Default 30 s. */
  readonly retryFor?: Duration
  /** For tests. */
  readonly clock?: Clock
}

export interface AvroOptions {
  /**
   * The schema, as an object or its JSON text. What is written is written with it; what is read is
   * resolved to it by Avro's rules. Left out: values are as their writers had them, and cannot be
   * written.
   */
  readonly schema?: object | string
  /** Under which the schema is registered. Left out: `<topic>-value` or `<topic>-key`. */
  readonly subject?: string
}

export interface JsonSchemaOptions {
  /** The schema, as an object or its JSON text, with which values are written. */
  readonly schema?: object | string
  readonly subject?: string
}

/** Serdes whose records name their schema in a Schema Registry, in Confluent's wire format. */
export interface SchemaRegistry {
  avro<T>(this: void, options?: AvroOptions): Serde<T>
  jsonSchema<T>(this: void, options?: JsonSchemaOptions): Serde<T>
}

/**
 * A Schema Registry that speaks Confluent's API.
 *
 * ```ts
 * const registry = schemaRegistry({ url: 'http://localhost:8081' })
 * const orders = registry.avro<Order>()
 * const totals = registry.avro<Total>({ schema: totalSchema })
 * t.stream('orders', { value: orders }) … .to('totals', { value: totals })
 * ```
 *
 * Schemas that are written are registered, or looked up, before the first record; a schema that a
 * record names and nobody has asked for yet is fetched while the task waits at that record.
 */
export function schemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const { url, clock = systemClock } = options
  if (!URL.canParse(url)) {
    throw new MillraceError('MILLRACE_SCHEMAS_INVALID', { message: `'${url}' is not a URL` })
  }
  const timeoutMs = parseDuration(options.timeout ?? '5s', 'the timeout of the schema registry')
  const retryForMs = parseDuration(options.retryFor ?? '30s', 'retryFor of the schema registry')
  const client = new RegistryClient({ ...options, clock, timeoutMs })
  const known = new KnownSchemas({ client, clock, retryForMs })
  return {
    avro: <T>({ schema, subject }: AvroOptions = {}) =>
      registeredSerde<T>({ format: avroFormat(schema), subject, client, known }),
    jsonSchema: <T>({ schema, subject }: JsonSchemaOptions = {}) =>
      registeredSerde<T>({ format: jsonSchemaFormat(schema), subject, client, known }),
  }
}
