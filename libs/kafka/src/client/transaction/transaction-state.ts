import { assert, MillraceError } from '@millrace/errors'

/**
 * Where a transactional producer stands:
 *
 *   uninitialized ─init─▶ initializing ──▶ ready ─begin─▶ open ─commit─▶ committing ──▶ ready
 *                            ▲                             │               │    │
 *                            │                           error           error  └─answer lost─▶ undecided
 *                            │                             ▼               │                        │
 *                            │              ready ◀── aborting ◀─abort─ abortable ◀┘                │
 *                            └──────────────────────────────init────────────────────────────────────┘
 *
 * `open` may be aborted without an error too. From anywhere a fatal error or being fenced leads to
 * `failed`, where nothing leads out: another producer with the same id, or none, goes on.
 */
export type TransactionPhase =
  | 'uninitialized'
  | 'initializing'
  | 'ready'
  | 'open'
  | 'committing'
  | 'abortable'
  | 'aborting'
  | 'undecided'
  | 'failed'

const successors: { readonly [phase in TransactionPhase]: readonly TransactionPhase[] } = {
  uninitialized: ['initializing'],
  initializing: ['ready', 'uninitialized', 'undecided', 'failed'],
  ready: ['open', 'failed'],
  open: ['committing', 'abortable', 'aborting', 'failed'],
  committing: ['ready', 'abortable', 'undecided', 'failed'],
  abortable: ['aborting', 'failed'],
  aborting: ['ready', 'abortable', 'failed'],
  undecided: ['initializing'],
  failed: [],
}

/** The phase, and why it is one of those that need a recovery. */
export class TransactionState {
  #phase: TransactionPhase = 'uninitialized'
  #error: Error | null = null

  get phase(): TransactionPhase {
    return this.#phase
  }

  /** Why the transaction can only be aborted, or the producer not go on. */
  get error(): Error | null {
    return this.#error
  }

  moveTo(phase: TransactionPhase): void {
    assert(
      successors[this.#phase].includes(phase),
      `a transaction goes from ${this.#phase} to ${phase}`,
    )
    this.#phase = phase
    if (phase === 'ready' || phase === 'initializing') this.#error = null
  }

  /** To `abortable` or `failed`, by what the error is. Where an error came before, that one stays. */
  breakBy(error: Error): void {
    if (this.#phase === 'failed') return
    const phase = isFinal(error) ? 'failed' : 'abortable'
    if (phase === this.#phase) return
    this.moveTo(phase)
    this.#error = error
  }

  /** To `failed`, whatever the error is. */
  fail(error: Error): void {
    this.moveTo('failed')
    this.#error = error
  }

  /** Throws unless in one of the phases: the error that led here, or that the call is out of turn. */
  expect(call: string, ...phases: readonly TransactionPhase[]): void {
    if (phases.includes(this.#phase)) return
    if (this.#error !== null) throw this.#error
    throw new MillraceError('MILLRACE_ERRORS_ASSERTION', {
      message: `${call} of a transactional producer that is ${this.#phase}`,
    })
  }
}

/** Everything else leaves the producer usable after an abort. */
function isFinal(error: Error): boolean {
  return error instanceof MillraceError && finalCodes.has(error.code)
}

const finalCodes: ReadonlySet<string> = new Set([
  'MILLRACE_KAFKA_AUTHENTICATION',
  'MILLRACE_KAFKA_FATAL',
  'MILLRACE_KAFKA_FENCED',
  'MILLRACE_KAFKA_UNSUPPORTED',
])
