import type { Serde } from '@millrace/record'
import type { Draft } from './draft.ts'

/** Where a stream stands in the draft, and how its keys and values are written. */
export interface StreamPart<K, V> {
  readonly draft: Draft
  /** The nodes that feed it: several after a merge. */
  readonly from: readonly string[]
  readonly key: Serde<NonNullable<K>>
  readonly value: Serde<NonNullable<V>>
  /** The node that changed the key since the records were last partitioned by it. */
  readonly rekeyedBy: string | undefined
}
