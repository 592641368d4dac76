import type { CommittedOffset, PartitionOffset, Producer } from '@millrace/kafka'

/**
 * What the cluster is asked to do in a commit: the part that differs between the guarantees.
 * Used by `Committer` in the order of the methods.
 */
export interface Delivery {
  readonly guarantee: 'at_least_once' | 'exactly_once'
  /** Where tasks write; one for all tasks of a worker. */
  readonly producer: Producer
  /** Before the first record is written. Fences whoever had the same identity. */
  start(): Promise<void>
  /** Step 2: all that was written is acknowledged. */
  flush(): Promise<readonly PartitionOffset[]>
  /** Step 3: the input offsets go where the commit finds them. */
  sendOffsets(offsets: readonly CommittedOffset[]): Promise<void>
  /** Step 4: the cluster decides. */
  commit(): Promise<void>
  /** Whether step 4 may be asked again later, with nothing lost and nothing done twice. */
  isRepeatable(error: unknown): boolean
  /** Ends what is open without effect, where that is possible, and the producer with it. */
  close(): Promise<void>
}
