import { isMillraceError, MillraceError } from '@millrace/errors'
import { identityOf, type Serde, type SerdeUse } from '@millrace/record'
import { type Format, textOf } from './format.ts'
import type { KnownSchemas } from './known-schemas.ts'
import type { FetchedSchema, RegistryClient } from './registry-client.ts'
import { rowSerde } from './row-serde.ts'
import { payloadOf, schemaIdOf, wire } from './wire-format.ts'

export interface RegisteredSerdeOptions {
  readonly format: Format
  readonly subject: string | undefined
  readonly client: RegistryClient
  readonly known: KnownSchemas
}

interface Writer {
  readonly id: number
  readonly schema: FetchedSchema
}

/** A serde whose bytes name a schema of the registry. */
export function registeredSerde<T>(options: RegisteredSerdeOptions): Serde<T> {
  const { format, known } = options
  const readers = new Map<number, (payload: Buffer) => unknown>()
  const writers = new Writers(options)
  const readerOf = (id: number) => {
    const reader = format.readerOf(known.get(id), id)
    readers.set(id, reader)
    return reader
  }
  return Object.freeze({
    name: format.name,
    serialize(value: T) {
      const { id, schema } = writers.current()
      try {
        return wire(id, format.write(schema, value))
      } catch (cause) {
        throw unencodable(format.name, id, schema, value, cause)
      }
    },
    deserialize(bytes: Buffer) {
      const id = schemaIdOf(bytes)
      const read = readers.get(id) ?? readerOf(id)
      try {
        return read(payloadOf(bytes)) as T
      } catch (cause) {
        throw undecodable(id, cause)
      }
    },
    identity: (value: T) => identityOf(rowSerde, value),
    internal: rowSerde as Serde<T>,
    prepare: (use: SerdeUse) => (use.isWritten ? writers.prepare(use) : Promise.resolve()),
  })
}

/** The schema that is written with, known to the registry under every subject that needs it. */
class Writers {
  readonly #options: RegisteredSerdeOptions
  readonly #bySubject = new Map<string, Promise<void>>()
  #writer: Writer | null = null

  constructor(options: RegisteredSerdeOptions) {
    this.#options = options
  }

  current(): Writer {
    if (this.#writer !== null) return this.#writer
    const { name } = this.#options.format
    throw new MillraceError('MILLRACE_SCHEMAS_INVALID', {
      message: `an ${name} serde is asked to write before its schema was registered`,
      remedy: 'Await its prepare({ topic, part, isWritten: true }) first.',
    })
  }

  prepare(use: SerdeUse): Promise<void> {
    const subject = this.#options.subject ?? `${use.topic}-${use.part}`
    const known = this.#bySubject.get(subject)
    if (known !== undefined) return known
    const preparing = this.#register(subject, use).catch((error: unknown) => {
      this.#bySubject.delete(subject)
      throw error
    })
    this.#bySubject.set(subject, preparing)
    return preparing
  }

  async #register(subject: string, { topic, part }: SerdeUse): Promise<void> {
    const { format, client, known } = this.#options
    if (format.written === null) {
      throw new MillraceError('MILLRACE_SCHEMAS_INVALID', {
        message: `the ${part}s of topic ${topic} are written with an ${format.name} serde that has no schema`,
        remedy: 'Give it one: avro({ schema }) or jsonSchema({ schema }).',
      })
    }
    const id = await client.idOf(subject, format.written)
    if (this.#writer !== null && this.#writer.id !== id) {
      throw new MillraceError('MILLRACE_SCHEMAS_INVALID', {
        message: `one serde has schema ${this.#writer.id} and, under ${subject}, schema ${id}`,
        remedy: 'Give each topic a serde of its own.',
      })
    }
    const schema = await client.schema(id)
    known.put(id, schema)
    this.#writer = { id, schema }
  }
}

function undecodable(id: number, cause: unknown): MillraceError {
  if (isMillraceError(cause)) return cause
  return new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
    message: `a record of schema ${id} does not follow it: ${textOf(cause)}`,
    cause,
  })
}

function unencodable(
  format: string,
  id: number,
  schema: FetchedSchema,
  value: unknown,
  cause: unknown,
): MillraceError {
  const paths: string[] = []
  schema.isValid(value as object, { errorHook: (path) => paths.push(path.join('.')) })
  const where = paths.length === 0 ? '' : ` (at ${paths.join(', ')})`
  return new MillraceError('MILLRACE_RECORD_UNENCODABLE', {
    message: `the ${format} serde cannot write a value that schema ${id} does not allow${where}`,
    cause,
  })
}
