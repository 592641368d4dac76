import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { AsyncCalls } from '@millrace/topology'

/** For metrics: attempts by how they ended, since the start. */
export type CallOutcome = 'answered' | 'failed' | 'timed-out'

const backoffMaxMs = 30_000

/**
 * Makes the calls of one operator of a task: so many at once, those of one key one after the other,
 * each attempt with its time, and again where it fails.
 */
export class Caller {
  readonly operator: string
  readonly outcomes: { [O in CallOutcome]: number } = { answered: 0, failed: 0, 'timed-out': 0 }
  inFlight = 0
  readonly #calls: AsyncCalls
  readonly #clock: Clock
  readonly #logger: Logger
  /** The last call of a key that is not over. */
  readonly #lastOfKey = new Map<unknown, Promise<unknown>>()
  readonly #waiting: (() => void)[] = []
  /** Ends each attempt and pause that is under way. */
  readonly #enders = new Set<() => void>()
  #isEnded = false

  constructor(operator: string, calls: AsyncCalls, clock: Clock, logger: Logger) {
    this.operator = operator
    this.#calls = calls
    this.#clock = clock
    this.#logger = logger
  }

  /** The task ends: calls under way are aborted, and no more are made. */
  end(): void {
    this.#isEnded = true
    for (const end of [...this.#enders]) end()
  }

  get concurrency(): number {
    return this.#calls.concurrency
  }

  /** Resolves with the answer, or rejects with what the last attempt threw. */
  call(record: Record<unknown, unknown>): Promise<unknown> {
    const key = identityOf(record.key)
    const before = key === null ? undefined : this.#lastOfKey.get(key)
    const call = this.#afterOthers(before, record)
    if (key !== null) {
      this.#lastOfKey.set(key, call)
      const forget = (): void => {
        if (this.#lastOfKey.get(key) === call) this.#lastOfKey.delete(key)
      }
      call.then(forget, forget)
    }
    return call
  }

  async #afterOthers(
    before: Promise<unknown> | undefined,
    record: Record<unknown, unknown>,
  ): Promise<unknown> {
    await before?.catch(() => {})
    if (this.inFlight >= this.#calls.concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.inFlight++
    try {
      return await this.#attempts(record)
    } finally {
      // The place goes to who waits longest, or is free.
      const next = this.#waiting.shift()
      if (next === undefined) this.inFlight--
      else next()
    }
  }

  async #attempts(record: Record<unknown, unknown>): Promise<unknown> {
    const { retriesMax, backoffMs } = this.#calls
    for (let attempt = 1; ; attempt++) {
      if (this.#isEnded) throw new Error('the task has ended')
      try {
        const answer = await this.#attempt(record, attempt)
        this.outcomes.answered++
        return answer
      } catch (error) {
        const isTimeUp = error instanceof MillraceError && error.code === timedOut
        this.outcomes[isTimeUp ? 'timed-out' : 'failed']++
        if (attempt > retriesMax || this.#isEnded || isHopeless(error)) throw error
        this.#warn(error, attempt)
      }
      await this.#pause(Math.min(backoffMs * 2 ** (attempt - 1), backoffMaxMs))
    }
  }

  /** Of the attempts of one call the 1st, 2nd, 4th, 8th and so on: who is down for hours fills no log. */
  #warn(err: unknown, attempt: number): void {
    if ((attempt & (attempt - 1)) !== 0) return
    this.#logger.warn({ err, operator: this.operator, attempt }, 'a call failed and is made again')
  }

  async #attempt(record: Record<unknown, unknown>, attempt: number): Promise<unknown> {
    const { call, timeoutMs } = this.#calls
    const attemptEnded = new AbortController()
    const timeUp = Promise.withResolvers<never>()
    const cancel = this.#clock.setTimer(timeoutMs, () =>
      timeUp.reject(
        new MillraceError(timedOut, {
          message: `the call of ${this.operator} did not answer within ${timeoutMs} ms`,
        }),
      ),
    )
    const end = (): void => timeUp.reject(new Error('the task has ended'))
    this.#enders.add(end)
    try {
      // A function that throws instead of rejecting rejects.
      const made = (async () => call({ record, signal: attemptEnded.signal, attempt }))()
      return await Promise.race([made, timeUp.promise])
    } catch (error) {
      attemptEnded.abort(error)
      throw error
    } finally {
      cancel()
      this.#enders.delete(end)
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#enders.delete(end)
        resolve()
      }
      const cancel = this.#clock.setTimer(delayMs, end)
      this.#enders.add(end)
    })
  }
}

/** Says itself that another attempt is of no use. */
function isHopeless(error: unknown): boolean {
  return isMillraceError(error) && error.code !== timedOut && error.recovery !== 'retry'
}

const timedOut = 'MILLRACE_RUNTIME_CALL_TIMED_OUT'

/** Null for records without a key, which have no order among them. */
function identityOf(key: unknown): unknown {
  if (key === null || key === undefined) return null
  if (Buffer.isBuffer(key)) return key.toString('latin1')
  return typeof key === 'object' ? JSON.stringify(key) : key
}
