import type { Clock } from '@millrace/time'
import type { Cluster } from '../ports/cluster.ts'
import type { Supports } from './supports.ts'

/** One cluster, and how to reach it and wait on it. */
export interface ClusterUnderTest {
  /** The time that the cluster lives in. */
  readonly clock: Clock
  /** A new client, connected. */
  connect(): Promise<Cluster>
  /** Lets the cluster's time pass until the work is settled. With real time: the work itself. */
  run<T>(work: Promise<T>): Promise<T>
  /** Cleans a compacted topic now; left out where a cleaner does so by itself. */
  clean?(topic: string): void
  close(): Promise<void>
}

export interface ConformanceOptions {
  readonly name: string
  readonly supports: Supports
  /** Called once per suite. */
  open(): Promise<ClusterUnderTest>
  /** Told apart from all other runs on the same cluster; topics, groups and ids begin with it. */
  readonly namePrefix: string
}
