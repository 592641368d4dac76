import type { Clock } from '@millrace/time'
import { errorFor } from '../../wire/classify.ts'
import type { Outcome } from './coordinator/outcome.ts'
import type { GroupLogger } from './dependencies.ts'
import type { Session } from './session.ts'
import { Signal } from './signal.ts'

/** Thrown between two steps of the member's loop: look why, the step is not to be finished. */
export class Interrupted extends Error {}

/**
 * What heartbeats, commits and callers want of the member's loop. They only leave a note here; the
 * loop reads it between its steps, so that the listener is called by nobody else.
 */
export class Interruptions {
  readonly #session: Session
  readonly #clock: Clock
  readonly #logger: GroupLogger
  readonly #signal = new Signal()
  readonly #stopped = Promise.withResolvers<void>()
  #isStopped = false
  #isLost = false
  #isRejoinWanted = false
  #fatal: unknown = null

  constructor(session: Session, clock: Clock, logger: GroupLogger) {
    this.#session = session
    this.#clock = clock
    this.#logger = logger
  }

  get isLost(): boolean {
    return this.#isLost
  }

  get fatal(): unknown {
    return this.#fatal
  }

  /** For good: waits end at once, with `Interrupted`. */
  stop(): void {
    this.#isStopped = true
    this.#stopped.resolve()
    this.#signal.raise()
  }

  fail(error: unknown): void {
    this.#fatal ??= error
    this.#signal.raise()
  }

  /** The generation is over, with everything owned in it. From here on nothing is sent in its name. */
  lose(reason: string, options: { readonly forgetMemberId: boolean }): void {
    const { groupId, memberId, generation } = this.#session
    this.#logger.warn({ groupId, memberId, generation, reason }, 'the group membership was lost')
    this.#session.ended(options)
    this.#isLost = true
    this.#signal.raise()
  }

  /** The loop has taken note of the loss. */
  lossSeen(): void {
    this.#isLost = false
  }

  wantRejoin(reason: string): void {
    const { groupId, memberId, generation } = this.#session
    this.#logger.debug({ groupId, memberId, generation, reason }, 'the member joins again')
    this.#isRejoinWanted = true
    this.#signal.raise()
  }

  /** A join has begun: what was wanted before it is answered by it. */
  joinBegun(): void {
    this.#isRejoinWanted = false
  }

  /** Acts on an outcome that ends the membership or the member; the others are left to the caller. */
  report(outcome: Outcome | 'expired', errorCode: number, doing: string): void {
    switch (outcome) {
      case 'expired':
        return this.lose('no heartbeat was answered for the session time-out', {
          forgetMemberId: false,
        })
      case 'generation-over':
        return this.lose('the group went on without the member', { forgetMemberId: false })
      case 'unknown-member':
        return this.lose('the group removed the member', { forgetMemberId: true })
      case 'fenced':
        this.#fatal ??= errorFor(errorCode, doing)
        return this.lose('another process has the group instance id', { forgetMemberId: true })
      case 'refused':
        return this.fail(errorFor(errorCode, doing))
      default:
    }
  }

  /** Throws `Interrupted` where the present step is not to go on. */
  check(): void {
    if (this.#isStopped || this.#isLost || this.#fatal !== null) throw new Interrupted()
  }

  /** The promise's result, or `Interrupted` as soon as the member stops. */
  until<T>(promise: Promise<T>): Promise<T> {
    const stopped = this.#stopped.promise.then(() => {
      throw new Interrupted()
    })
    return Promise.race([promise, stopped])
  }

  async untilRejoinWanted(): Promise<void> {
    this.check()
    while (!this.#isRejoinWanted) {
      await this.#signal.wait()
      this.check()
    }
  }

  async pause(delayMs: number): Promise<void> {
    await this.#signal.waitUpTo(delayMs, this.#clock)
    this.check()
  }
}
