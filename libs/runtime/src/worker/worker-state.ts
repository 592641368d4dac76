import { assert } from '@millrace/errors'

/**
 * created → starting → rebalancing ⇄ restoring ⇄ running → stopping → stopped
 *
 * `starting` waits for a broker and prepares topics; `rebalancing` waits for an assignment;
 * `restoring` has tasks that are not at their position yet while others may be running; `running`
 * has all its tasks running. Everything before the end may become `stopping` or `failed`.
 */
export type WorkerState =
  | 'created'
  | 'starting'
  | 'rebalancing'
  | 'restoring'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'failed'

const successors: { readonly [S in WorkerState]: readonly WorkerState[] } = {
  created: ['starting', 'stopped', 'failed'],
  starting: ['rebalancing', 'stopping', 'failed'],
  rebalancing: ['restoring', 'running', 'stopping', 'failed'],
  restoring: ['rebalancing', 'running', 'stopping', 'failed'],
  running: ['rebalancing', 'restoring', 'stopping', 'failed'],
  stopping: ['stopped', 'failed'],
  stopped: [],
  failed: [],
}

export const workerStates = Object.keys(successors) as readonly WorkerState[]

/** The state of a worker, and who is told of it. Refuses steps that are not in the drawing. */
export class WorkerStateMachine {
  readonly #onChange: (state: WorkerState) => void
  #state: WorkerState = 'created'

  constructor(onChange: (state: WorkerState) => void) {
    this.#onChange = onChange
  }

  get state(): WorkerState {
    return this.#state
  }

  get hasEnded(): boolean {
    return successors[this.#state].length === 0
  }

  /** Staying where it is is no step. */
  enter(next: WorkerState): void {
    if (next === this.#state) return
    assert(
      successors[this.#state].includes(next),
      `a worker does not go from ${this.#state} to ${next}`,
    )
    this.#state = next
    this.#onChange(next)
  }
}
