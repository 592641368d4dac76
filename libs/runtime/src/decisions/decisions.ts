import type { PartitionOffset } from '@millrace/kafka'

/**
 * A decision that the machine's clock had a part in. `idle-out`, `own-idle-out`: a silent task, or
 * the external sources of one, is no longer waited for; `ahead`: the record at the position is
 * further ahead of the clock than its source allows, and was set aside; `idle-advance`: silent sources let
 * time go on.
 */
export interface Decision {
  readonly kind: 'idle-out' | 'own-idle-out' | 'ahead' | 'idle-advance'
  /** Stream time of the task with it. */
  readonly streamTimeMs: number
  /** Next offset of each source at the decision; of `ahead`, the record's own. */
  readonly positions: readonly PartitionOffset[]
  /** Of `ahead`: the record's event time. */
  readonly timestampMs?: number
}

/** What a task decided since the last commit. Bounded by one slice: each asks for a commit. */
export class Decisions {
  #pending: Decision[] = []

  add(decision: Decision): void {
    this.#pending.push(decision)
  }

  /** Decisions since the last call. */
  take(): readonly Decision[] {
    const taken = this.#pending
    this.#pending = []
    return taken
  }
}
