import { MillraceError } from '@millrace/errors'

/** A call made for a record, and what was called further down with its answer. */
export class Call {
  readonly below = new CallTree()
  #answer: unknown
  #error: unknown
  #state: 'open' | 'answered' | 'rejected' = 'open'

  answer(answer: unknown): void {
    this.#answer = answer
    this.#state = 'answered'
  }

  reject(error: unknown): void {
    this.#error = error
    this.#state = 'rejected'
  }

  /** Its answer; throws what it was rejected with. */
  get(): unknown {
    if (this.#state === 'rejected') throw this.#error
    return this.#answer
  }
}

/** The calls of one record, by operator, in the order in which records reach it. */
export class CallTree {
  readonly #calls = new Map<string, Call[]>()
  readonly #taken = new Map<string, number>()

  add(operator: string): Call {
    const call = new Call()
    const calls = this.#calls.get(operator)
    if (calls === undefined) this.#calls.set(operator, [call])
    else calls.push(call)
    return call
  }

  /** The next one of an operator, in the record's turn. */
  take(operator: string): Call {
    const at = this.#taken.get(operator) ?? 0
    const call = this.#calls.get(operator)?.[at]
    if (call === undefined) {
      throw new MillraceError('MILLRACE_RUNTIME_CALL_MISSING', {
        message: `no call of ${operator} was made ahead for a record that reaches it`,
      })
    }
    this.#taken.set(operator, at + 1)
    return call
  }
}
