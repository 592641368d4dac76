import type { TableReader } from '@millrace/operators'
import type { Windows } from '@millrace/time'
import type { StreamPart } from '../draft/stream-part.ts'

/**
 * Where a table's changes come from, for what is made of it. What other operators ask of the node
 * is settled while the topology is written; the node's supplier reads it when a task starts.
 */
export interface TableOrigin<K, V> {
  /** How operators read its rows; undefined where it keeps none. */
  readonly reader: TableReader<K, NonNullable<V>> | undefined
  /** Whether its changes can carry old values. */
  readonly knowsOldValues: boolean
  readonly demands: TableDemands
  /** Where its keys are windowed: by what. */
  readonly windows?: Windows | undefined
  /** Where it keeps the versions of its rows: for how long. */
  readonly historyMs?: number | undefined
}

/** A table as a side of a join: where it stands in the draft, and what it is made of. */
export interface TableSide<K, V> {
  readonly part: StreamPart<K, V>
  readonly origin: TableOrigin<K, V>
}

export interface TableDemands {
  /** Changes carry what was sent before. */
  oldValues: boolean
  /** Changes go out one by one: who reads the rows beside them must find what was sent last. */
  everyChange: boolean
}

/** A table of which nothing is known but its changes. */
export function noOrigin<K, V>(): TableOrigin<K, V> {
  return { reader: undefined, knowsOldValues: false, demands: noDemands() }
}

export function noDemands(): TableDemands {
  return { oldValues: false, everyChange: false }
}
