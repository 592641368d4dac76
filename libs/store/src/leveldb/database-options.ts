import type { DatabaseOptions } from 'classic-level'

export interface DatabaseSizes {
  /** LevelDB's cache of uncompressed blocks. Default 8 MiB. */
  readonly cacheSizeBytes?: number | undefined
  /** Memory table before it becomes a file. Default 4 MiB; up to two are held. */
  readonly writeBufferSizeBytes?: number | undefined
}

/** How every database is opened; those of a process that open one directory share it. */
export function databaseOptions({
  cacheSizeBytes = 8 * 1024 * 1024,
  writeBufferSizeBytes = 4 * 1024 * 1024,
}: DatabaseSizes): DatabaseOptions<Buffer, Buffer> {
  return {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    cacheSize: cacheSizeBytes,
    writeBufferSize: writeBufferSizeBytes,
    // Another thread of this process may read committed state while this one works.
    multithreading: true,
  }
}
