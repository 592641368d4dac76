import {
  type FailureOptions,
  type FailurePolicies,
  failurePolicies,
  memoryBackends,
  type StateBackends,
  stateDirectory,
} from '@millrace/runtime'

/** What becomes of records that fail is said as for a worker: see `FailureOptions`. */
export interface TestDriverOptions extends FailureOptions {
  /** The wall clock at the start, milliseconds since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startAtMs?: number
  /** Partitions by topic; topics left out have one. Repartition topics follow their sources. */
  readonly partitions?: { readonly [topic: string]: number }
  /** Settings of topics that differ from a broker's defaults, as `{ out: { 'max.message.bytes': '800' } }`. */
  readonly topicConfigs?: { readonly [topic: string]: { readonly [name: string]: string } }
  /**
   * Whether each record that a task processes is committed by itself, so that every update of an
   * aggregate goes out. `false`: commits come with `commit()` and `advanceWallClock()`, as they do
   * after many records in a service, and one result a row and commit goes out. Default true.
   */
  readonly commitAfterEachRecord?: boolean
  /** Names the group and the internal topics. Default `test`. */
  readonly applicationId?: string
  /** Keeps the state in LevelDB under this directory instead of in memory. */
  readonly stateDirectory?: string
  /** How long all sources of a task are silent before nobody waits for its time. Default 60,000. */
  readonly idleOutAfterMs?: number
}

/** The options, each with a value. */
export interface Settings {
  readonly applicationId: string
  readonly commitAfterEachRecord: boolean
  readonly deadLetterTopic: string | undefined
  readonly policies: FailurePolicies
  readonly idleOutAfterMs: number
  readonly backends: StateBackends
}

export function settingsOf(options: TestDriverOptions): Settings {
  const { applicationId = 'test', stateDirectory: directory } = options
  return {
    applicationId,
    commitAfterEachRecord: options.commitAfterEachRecord ?? true,
    deadLetterTopic: options.deadLetterTopic,
    policies: failurePolicies(options),
    idleOutAfterMs: options.idleOutAfterMs ?? 60_000,
    backends: directory === undefined ? memoryBackends() : stateDirectory(directory, applicationId),
  }
}
