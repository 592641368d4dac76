import { MillraceError } from '@millrace/errors'
import type { FetchedSchema, WrittenSchema } from './registry-client.ts'

/** How payloads are read and written, Avro or JSON Schema. */
export interface Format {
  readonly name: string
  /** Null where only reading was asked for. */
  readonly written: WrittenSchema | null
  /** How payloads of a writer's schema are read. Throws where that cannot be. */
  readerOf(writer: FetchedSchema, id: number): (payload: Buffer) => unknown
  /** Throws for a value that the schema does not allow. */
  write(own: FetchedSchema, value: unknown): Buffer
}

/** The schema as given, an object or its JSON text. */
export function schemaText(schema: object | string, format: string): string {
  try {
    return typeof schema === 'string' ? JSON.stringify(JSON.parse(schema)) : JSON.stringify(schema)
  } catch (cause) {
    throw invalidSchema(format, cause)
  }
}

export function invalidSchema(format: string, cause: unknown): MillraceError {
  return new MillraceError('MILLRACE_SCHEMAS_INVALID', {
    message: `the schema of an ${format} serde cannot be used: ${textOf(cause)}`,
    cause,
  })
}

/** Of records that are read: the policy for undecodable ones decides. */
export function incompatible(id: number, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('MILLRACE_SCHEMAS_INCOMPATIBLE', {
    message: `schema ${id} ${reason}`,
    recovery: 'dead-letter',
    cause,
  })
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
