import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'

/** A schema of the registry, ready to read and write with. */
export type FetchedSchema = Awaited<ReturnType<SchemaRegistry['getSchema']>>

export interface WrittenSchema {
  readonly type: 'AVRO' | 'JSON'
  /** Its JSON text. */
  readonly text: string
}

export interface RegistryClientOptions {
  readonly url: string
  readonly username?: string
  readonly password?: string
  readonly register?: boolean
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Of these the registry will not think better. */
const finalStatuses: ReadonlySet<unknown> = new Set([401, 403, 404, 409, 422])

/**
 * What is asked of the registry, one request at a time with its time limit. Rejects with
 * `MILLRACE_SCHEMAS_UNAVAILABLE` (may be asked again), `_UNKNOWN`, `_INCOMPATIBLE`.
 */
export class RegistryClient {
  readonly url: string
  readonly #options: RegistryClientOptions
  readonly #registry: SchemaRegistry

  constructor(options: RegistryClientOptions) {
    this.url = options.url
    this.#options = options
    const { url, username, password = '' } = options
    this.#registry = new SchemaRegistry({
      host: url,
      clientId: 'millrace',
      // How often and when is decided by those who ask.
      retry: { retries: 0 },
      ...(username !== undefined && { auth: { username, password } }),
    })
  }

  async schema(id: number): Promise<FetchedSchema> {
    try {
      return await this.#within(this.#registry.getSchema(id))
    } catch (error) {
      throw this.#errorOf(error, 'MILLRACE_SCHEMAS_UNKNOWN', `schema ${id}`)
    }
  }

  /** The id under which the subject has the schema; registers it where that is wanted. */
  async idOf(subject: string, { type, text }: WrittenSchema): Promise<number> {
    const { register = true } = this.#options
    const path = `subjects/${encodeURIComponent(subject)}${register ? '/versions' : ''}`
    const schemaType = type === 'AVRO' ? {} : { schemaType: type }
    try {
      return await this.#post(path, { schema: text, ...schemaType })
    } catch (error) {
      throw this.#errorOf(error, 'MILLRACE_SCHEMAS_INCOMPATIBLE', `subject ${subject}`)
    }
  }

  /** The library refuses here what registries take: names are asked of all schemas, levels compared. */
  async #post(path: string, body: object): Promise<number> {
    const { url, username, password = '' } = this.#options
    const credentials = Buffer.from(`${username}:${password}`).toString('base64')
    const headers = {
      'content-type': 'application/vnd.schemaregistry.v1+json',
      ...(username !== undefined && { authorization: `Basic ${credentials}` }),
    }
    const ended = new AbortController()
    const { signal } = ended
    const asking = fetch(`${url.replace(/\/$/, '')}/${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal,
    })
    try {
      const answer = await this.#within(asking)
      const said = (await this.#within(answer.json())) as { id?: number; message?: string }
      if (answer.ok && said.id !== undefined) return said.id
      throw new Refusal(answer.status, said.message ?? `status ${answer.status}`)
    } finally {
      ended.abort()
    }
  }

  #errorOf(
    cause: unknown,
    code: 'MILLRACE_SCHEMAS_UNKNOWN' | 'MILLRACE_SCHEMAS_INCOMPATIBLE',
    what: string,
  ): MillraceError {
    const isFinal = finalStatuses.has(statusOf(cause)) || isRefusal(cause)
    return new MillraceError(isFinal ? code : 'MILLRACE_SCHEMAS_UNAVAILABLE', {
      message: `${what} of the schema registry at ${this.url}: ${textOf(cause)}`,
      cause,
    })
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#options
    const late = Promise.withResolvers<never>()
    const cancel = clock.setTimer(timeoutMs, () =>
      late.reject(new Error(`no answer in ${timeoutMs} ms`)),
    )
    try {
      return await Promise.race([work, late.promise])
    } finally {
      cancel()
    }
  }
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
}

/** An answer that says no. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** What the library itself refuses, whatever the registry says. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.constructor.name.startsWith('ConfluentSchemaRegistry')
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
