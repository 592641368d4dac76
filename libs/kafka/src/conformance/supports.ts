/**
 * What a cluster can show. A theme's test that needs a feature runs only where the manifest says
 * `true`; each `false` is a known limit of that cluster, written down where it is tested.
 */
export interface Supports {
  /** The cleaner removes older records of a key from topics with `cleanup.policy=compact`. */
  readonly compaction: boolean
  /** Timestamps more than an hour ahead are refused (`message.timestamp.after.max.ms`). */
  readonly timestampLimit: boolean
  /** A transaction that is open too long is aborted by the coordinator. */
  readonly transactionTimeout: boolean
}

export type Feature = keyof Supports

export const features: readonly Feature[] = ['compaction', 'timestampLimit', 'transactionTimeout']
