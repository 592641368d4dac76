import type { StoreSpec } from '@millrace/store'
import type { GlobalTableSpec } from './global-table.ts'
import type { Node } from './node.ts'

/** An internal topic `<app>-<name>-repartition` between two sub-topologies. */
export interface RepartitionSpec {
  readonly name: string
  /** Left out: as many as the largest source of the sub-topology upstream. */
  readonly partitionCount?: number | undefined
  /**
   * Its reader writes back to its writer (foreign-key joins): it takes the partition count of the
   * topics that it is read with, and carries no time, which would wait for itself.
   */
  readonly isRoundTrip?: boolean | undefined
  /** Why it exists, for `describe()`: which operator changed the key, which one needs it. */
  readonly why: string
}

/** Nodes connected without passing through Kafka; its tasks are its partitions. */
export interface SubTopology {
  readonly id: number
  /** Node names in topological order (sources first, in the order of their making). */
  readonly nodes: readonly string[]
  /** External source topics, sorted. */
  readonly sourceTopics: readonly string[]
  /** Repartitions read, and written, by this sub-topology: their names, sorted. */
  readonly repartitionSources: readonly string[]
  readonly repartitionSinks: readonly string[]
  /** Store names. */
  readonly stores: readonly string[]
}

/** The plan: what `dsl` makes and `runtime` runs. Frozen; made by `buildTopology`. */
export interface Topology {
  readonly nodes: ReadonlyMap<string, Node>
  readonly stores: ReadonlyMap<string, StoreSpec>
  readonly repartitions: ReadonlyMap<string, RepartitionSpec>
  readonly globalTables: ReadonlyMap<string, GlobalTableSpec>
  readonly subTopologies: readonly SubTopology[]
  /** Groups of topics (external topics and repartition names) that must have equal partition counts. */
  readonly coPartitionGroups: readonly (readonly string[])[]
}
