import { MillraceError } from '@millrace/errors'
import type { Transport } from '../../ports/transport.ts'

type Api = keyof Transport
type Answer<A extends Api> = Awaited<ReturnType<Transport[A]>>

/** A request that waits for the test to answer it. */
export interface Call<A extends Api> {
  readonly args: Parameters<Transport[A]>
  answer(value: Answer<A>): void
  fail(error: Error): void
}

/** A transport whose requests are answered by the test, one by one, or by a standing rule. */
export class ScriptedTransport {
  readonly #rules = new Map<Api, (...args: never[]) => unknown>()
  readonly #waiting = new Map<Api, Call<Api>[]>()
  readonly #expected = new Map<Api, ((call: Call<Api>) => void)[]>()
  readonly #counts = new Map<Api, number>()

  readonly transport: Transport = new Proxy({} as Transport, {
    get:
      (_, api: Api) =>
      (...args: never[]) =>
        this.#call(api, args),
  })

  /** Every request of the kind is answered by this from now on; the rule may throw. */
  always<A extends Api>(api: A, rule: (...args: Parameters<Transport[A]>) => Answer<A>): void {
    this.#rules.set(api, rule)
  }

  /** The next request of the kind, when it comes. */
  next<A extends Api>(api: A): Promise<Call<A>> {
    const call = this.#waiting.get(api)?.shift()
    if (call !== undefined) return Promise.resolve(call as unknown as Call<A>)
    return new Promise((resolve) => {
      const expected = this.#expected.get(api) ?? []
      expected.push(resolve)
      this.#expected.set(api, expected)
    })
  }

  /** Requests of the kind that nobody took with `next` yet. */
  waiting(api: Api): number {
    return this.#waiting.get(api)?.length ?? 0
  }

  /** Requests of the kind so far. */
  count(api: Api): number {
    return this.#counts.get(api) ?? 0
  }

  #call(api: Api, args: never[]): Promise<unknown> {
    this.#counts.set(api, this.count(api) + 1)
    const rule = this.#rules.get(api)
    if (rule !== undefined) return Promise.resolve().then(() => rule(...args))
    return new Promise((resolve, reject) => {
      const call = { args, answer: resolve, fail: reject } as unknown as Call<Api>
      const taker = this.#expected.get(api)?.shift()
      if (taker !== undefined) return taker(call)
      const waiting = this.#waiting.get(api) ?? []
      waiting.push(call)
      this.#waiting.set(api, waiting)
    })
  }
}

export function connectionLost(): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'connection lost' })
}

/** Lets everything that is due without a timer happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
