import type { TopicPartition } from '@millrace/record'
import type { OpenedTask } from './tasks/task-opener.ts'

/** What the loop is asked to do between two batches. */
export type WorkerRequest =
  | { readonly kind: 'rejoin' }
  | { readonly kind: 'revoke'; readonly partitions: readonly TopicPartition[] }
  | {
      readonly kind: 'assign'
      readonly partitions: readonly TopicPartition[]
      readonly userData: Buffer
    }
  | { readonly kind: 'lose'; readonly partitions: readonly TopicPartition[] }
  | { readonly kind: 'opened'; readonly opened: OpenedTask }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'pause'; readonly partitions: readonly TopicPartition[] }
  | { readonly kind: 'resume'; readonly partitions: readonly TopicPartition[] }

/** A request and who waits for it. */
export interface PendingRequest {
  readonly request: WorkerRequest
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Others ask, the loop does: nobody touches a task while it processes. Bounded by its senders: the
 * group member asks one thing at a time, and each task is opened once.
 */
export class RequestQueue {
  readonly #pending: PendingRequest[] = []
  #closedBy: unknown = null

  /** Resolves when the loop has done it; rejects with what stopped it. */
  ask(request: WorkerRequest): Promise<void> {
    if (this.#closedBy !== null) return Promise.reject(this.#closedBy)
    return new Promise((resolve, reject) => {
      this.#pending.push({ request, resolve, reject })
    })
  }

  /** The same where nobody waits; `onRefused` is called where the loop will not do it. */
  tell(request: WorkerRequest, onRefused: () => void = () => {}): void {
    this.ask(request).catch(onRefused)
  }

  take(): PendingRequest | undefined {
    return this.#pending.shift()
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0
  }

  /** Nothing is done any more: who waits, or asks later, is told why. */
  close(reason: unknown): void {
    this.#closedBy = reason
    for (const { reject } of this.#pending.splice(0)) reject(reason)
  }
}
