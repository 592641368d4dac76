/** What both sides are told, in the same words. */
export interface JobSettings {
  /** Which of the jobs. */
  readonly job: string
  readonly brokers: string
  readonly groupId: string
  readonly input: string
  /** The second topic, where the job has one; else the first again. */
  readonly other: string
  readonly output: string
  readonly guarantee: 'at_least_once' | 'exactly_once'
  readonly commitIntervalMs: number
  /** One result per key and commit, or every update. */
  readonly emission: 'coalesced' | 'every-update'
  readonly stateDirectory: string
  /** Limit of the managed heap in MiB; left out: the runtime's default. */
  readonly heapMiB?: number | undefined
}

/** A started processor. */
export interface RunningJob {
  readonly pid: number
  isAlive(): boolean
  stop(): Promise<void>
}

export interface Contestant {
  readonly name: string
  /** Makes what must exist before a start (a build, say). */
  prepare(): Promise<void>
  start(settings: JobSettings): RunningJob
}
