import type { Transport } from '../ports/transport.ts'
import { errorFor } from '../wire/classify.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { isRetriableError } from './retry.ts'

export type CoordinatorKind = 'group' | 'transaction'

/**
 * Which broker coordinates a group or a transactional id. Asked once (callers at the same time
 * share the request), kept until an answer or a lost connection says otherwise.
 */
export class CoordinatorCache {
  readonly #transport: Transport
  readonly #found: Readonly<{ [kind in CoordinatorKind]: Map<string, Promise<number>> }> = {
    group: new Map(),
    transaction: new Map(),
  }

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The coordinator's broker id. Rejects with the error of FindCoordinator; nothing is kept then. */
  find(kind: CoordinatorKind, key: string): Promise<number> {
    const known = this.#found[kind].get(key)
    if (known !== undefined) return known
    const asked = this.#ask(kind, key)
    this.#found[kind].set(key, asked)
    asked.catch(() => this.#forgetIf(kind, key, asked))
    return asked
  }

  forget(kind: CoordinatorKind, key: string): void {
    this.#found[kind].delete(key)
  }

  /**
   * Sends a request to the coordinator. `codesOf` names the error codes in its answer: a code that
   * says the coordinator moved, or a lost connection, makes the next call look for it anew.
   */
  async call<T>(
    kind: CoordinatorKind,
    key: string,
    request: (nodeId: number) => Promise<T>,
    codesOf: (answer: T) => readonly number[],
  ): Promise<T> {
    const asked = this.find(kind, key)
    const nodeId = await asked
    try {
      const answer = await request(nodeId)
      if (codesOf(answer).some((code) => hasMoved.has(code))) this.#forgetIf(kind, key, asked)
      return answer
    } catch (error) {
      if (isRetriableError(error)) this.#forgetIf(kind, key, asked)
      throw error
    }
  }

  #forgetIf(kind: CoordinatorKind, key: string, asked: Promise<number>): void {
    if (this.#found[kind].get(key) === asked) this.#found[kind].delete(key)
  }

  async #ask(kind: CoordinatorKind, key: string): Promise<number> {
    const answer = await this.#transport.findCoordinator(kind, key)
    if (answer.errorCode !== kafkaError.NONE)
      throw errorFor(answer.errorCode, `finding the coordinator of ${kind} ${key}`)
    return answer.nodeId
  }
}

const hasMoved: ReadonlySet<number> = new Set([
  kafkaError.NOT_COORDINATOR,
  kafkaError.COORDINATOR_NOT_AVAILABLE,
])
