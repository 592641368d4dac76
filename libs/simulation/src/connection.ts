import { MillraceError } from '@millrace/errors'
import type { Answer, Api, Requests } from './api.ts'
import { errorAnswer } from './error-answers.ts'
import type { Call, FaultAfter, FaultBefore, FaultInjector } from './faults/faults.ts'
import type { Timers } from './timers.ts'

export interface ConnectionOptions {
  readonly timers: Timers
  faults(): FaultInjector
}

/**
 * One connection from a client to a broker. Requests arrive in the order in which they were sent;
 * when it breaks, every request in flight is lost, whether the broker has acted on it or not.
 */
export class Connection {
  readonly #options: ConnectionOptions
  /** Rejects the requests in flight. */
  readonly #inFlight = new Set<(reason: MillraceError) => void>()
  #arrivals: Promise<void> = Promise.resolve()
  #isBroken = false

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  get isBroken(): boolean {
    return this.#isBroken
  }

  send<A extends Api>(call: Call & { api: A }, act: Act<A>): Promise<Answer<A>> {
    const before = this.#options.faults().before?.(call)
    const arrived = this.#arrivals.then(() => this.#delay(before))
    this.#arrivals = arrived
    return new Promise((resolve, reject) => {
      this.#inFlight.add(reject)
      const work = arrived.then(() => this.#handle(call, act, before))
      work.then(
        (answer) => {
          if (this.#inFlight.delete(reject)) resolve(answer)
        },
        (error) => {
          if (this.#inFlight.delete(reject)) reject(error)
        },
      )
    })
  }

  break(): void {
    this.#isBroken = true
    const lost = [...this.#inFlight]
    this.#inFlight.clear()
    for (const reject of lost) reject(connectionLost())
  }

  async #handle<A extends Api>(
    call: Call & { api: A },
    act: Act<A>,
    before: FaultBefore | undefined,
  ): Promise<Answer<A>> {
    if (before?.kind === 'disconnect') this.break()
    if (this.#isBroken) throw connectionLost()
    const request = call.request as Requests[A]
    if (before?.kind === 'error') return errorAnswer(call.api, request, before.errorCode)
    if (before?.kind === 'repeat') void act()
    const answer = await act()
    const after = this.#options.faults().after?.(call)
    if (after?.kind === 'disconnect') this.break()
    if (after?.kind === 'error') return errorAnswer(call.api, request, after.errorCode)
    await this.#delay(after)
    return answer
  }

  #delay(fault: FaultBefore | FaultAfter | undefined): Promise<void> | undefined {
    if (fault?.kind !== 'delay') return undefined
    return new Promise((resolve) => this.#options.timers.set(fault.delayMs, resolve))
  }
}

/** What the broker does with a request. */
export type Act<A extends Api> = () => Answer<A> | Promise<Answer<A>>

export function connectionLost(): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'the connection was lost' })
}
