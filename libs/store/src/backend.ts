/** One change of one key; `null` deletes. */
export interface WriteOperation {
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Keys in unsigned byte order; a bound left out is open. */
export interface KeyRange {
  readonly gte?: Buffer
  readonly lt?: Buffer
  readonly limit?: number
  readonly reverse?: boolean
}

/**
 * An ordered map of bytes on which a task keeps everything: every store of the task under a key
 * prefix, and the positions that belong to it. `leveldb/` and `memory/` pass the same suite.
 */
export interface StateBackend {
  /** Where the data lies, for messages; `memory` where it lies nowhere. */
  readonly location: string
  /** Point read of committed state. Synchronous: it stands on the way of a record. */
  getSync(key: Buffer): Buffer | undefined
  /** All operations or none, also through a process kill. Later operations on a key win. */
  write(operations: readonly WriteOperation[]): Promise<void>
  /** A consistent snapshot taken at the call. */
  entries(range: KeyRange): AsyncIterable<readonly [key: Buffer, value: Buffer]>
  keys(range: KeyRange): AsyncIterable<Buffer>
  close(): Promise<void>
  /** Closes and deletes everything. */
  destroy(): Promise<void>
}
