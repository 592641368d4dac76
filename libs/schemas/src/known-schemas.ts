import { isMillraceError, MillraceError } from '@millrace/errors'
import { Unresolved } from '@millrace/record'
import type { Clock } from '@millrace/time'
import type { FetchedSchema } from './registry-client.ts'

export interface KnownSchemasOptions {
  readonly client: { schema(id: number): Promise<FetchedSchema> }
  readonly clock: Clock
  /** How long a schema is asked for. */
  readonly retryForMs: number
}

const backoffMs = { first: 100, most: 5_000 }

/** The schemas that records name, by id: those that were fetched are at hand without waiting. */
export class KnownSchemas {
  readonly #options: KnownSchemasOptions
  readonly #schemas = new Map<number, FetchedSchema>()
  readonly #pending = new Map<number, Promise<void>>()
  /** Told once each; the next record with the id asks again. */
  readonly #failures = new Map<number, MillraceError>()
  /** It was given up on: until it answers again, one attempt has to do. */
  #isDown = false

  constructor(options: KnownSchemasOptions) {
    this.#options = options
  }

  /** Throws `Unresolved` where it has to be fetched first, and why it cannot be had. */
  get(id: number): FetchedSchema {
    const schema = this.#schemas.get(id)
    if (schema !== undefined) return schema
    const failure = this.#failures.get(id)
    if (failure !== undefined) {
      this.#failures.delete(id)
      throw failure
    }
    throw new Unresolved(`schema ${id}`, this.#fetchOnce(id))
  }

  /** One that is known already. */
  put(id: number, schema: FetchedSchema): void {
    this.#schemas.set(id, schema)
  }

  #fetchOnce(id: number): Promise<void> {
    const pending = this.#pending.get(id)
    if (pending !== undefined) return pending
    const fetching = this.#fetch(id).finally(() => this.#pending.delete(id))
    this.#pending.set(id, fetching)
    return fetching
  }

  async #fetch(id: number): Promise<void> {
    const { client, clock, retryForMs } = this.#options
    const giveUpAtMs = clock.monotonicMs() + (this.#isDown ? 0 : retryForMs)
    for (let attempt = 1; ; attempt++) {
      try {
        this.#schemas.set(id, await client.schema(id))
        this.#isDown = false
        return
      } catch (error) {
        const isPassing = isMillraceError(error) && error.recovery === 'retry'
        const delayMs = Math.min(backoffMs.first * 2 ** (attempt - 1), backoffMs.most)
        if (!isPassing || clock.monotonicMs() + delayMs >= giveUpAtMs) {
          this.#isDown = isPassing
          this.#failures.set(id, unknown(id, error))
          return
        }
        await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve))
      }
    }
  }
}

function unknown(id: number, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError('MILLRACE_SCHEMAS_UNKNOWN', {
    message: `schema ${id} could not be fetched: ${reason}`,
    cause,
  })
}
