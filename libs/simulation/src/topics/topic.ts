import { PartitionLog } from '../log/partition-log.ts'
import { topicConfigDefaults } from './topic-configs.ts'

export interface Partition {
  readonly log: PartitionLog
  readonly replicas: readonly number[]
  /** -1 while no replica is up. */
  leaderId: number
  leaderEpoch: number
}

export class Topic {
  readonly name: string
  readonly partitions: Partition[] = []
  /** What was set at creation or later; the rest is default. */
  readonly #overrides: Map<string, string>
  readonly #defaults: ReadonlyMap<string, string>

  constructor(
    name: string,
    overrides: ReadonlyMap<string, string>,
    clusterDefaults: ReadonlyMap<string, string>,
  ) {
    this.name = name
    this.#overrides = new Map(overrides)
    this.#defaults = new Map([...topicConfigDefaults, ...clusterDefaults])
  }

  addPartition(replicas: readonly number[], leaderId: number): void {
    this.partitions.push({ log: new PartitionLog(), replicas, leaderId, leaderEpoch: 0 })
  }

  configs(): ReadonlyMap<string, string> {
    return new Map([...this.#defaults, ...this.#overrides])
  }

  setConfig(name: string, value: string): void {
    this.#overrides.set(name, value)
  }

  config(name: string): string {
    return this.#overrides.get(name) ?? this.#defaults.get(name) ?? ''
  }

  /** A setting in milliseconds or bytes; Kafka's "no limit" becomes a number beyond every other. */
  numericConfig(name: string): number {
    return Number(this.config(name))
  }

  get isCompacted(): boolean {
    return this.config('cleanup.policy').includes('compact')
  }

  get isDeletable(): boolean {
    return this.config('cleanup.policy').includes('delete')
  }
}
