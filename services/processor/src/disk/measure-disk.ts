import type { Dirent } from 'node:fs'
import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

export interface DiskUse {
  /** Bytes by what lies in the directory: a task's state, a global table, the process' own. */
  readonly bytesByName: ReadonlyMap<string, number>
  readonly totalBytes: number
  /** What this process may still write on the disk that the directory lies on. */
  readonly freeBytes: number
}

/** Looks at file sizes, never into files: states that are open may be measured. */
export async function measureDisk(directory: string): Promise<DiskUse> {
  const bytesByName = new Map<string, number>()
  for (const entry of await entries(directory)) {
    bytesByName.set(entry.name, await sizeOf(join(directory, entry.name), entry))
  }
  const { bavail, bsize } = await statfs(directory)
  const totalBytes = [...bytesByName.values()].reduce((sum, bytes) => sum + bytes, 0)
  return { bytesByName, totalBytes, freeBytes: bavail * bsize }
}

async function sizeOf(path: string, entry: Dirent): Promise<number> {
  if (entry.isFile()) return fileBytes(path)
  if (!entry.isDirectory()) return 0
  let bytes = 0
  for (const child of await entries(path)) bytes += await sizeOf(join(path, child.name), child)
  return bytes
}

/** LevelDB makes and deletes files all the time: what is gone has no size. */
async function entries(directory: string): Promise<readonly Dirent[]> {
  return unlessGone(readdir(directory, { withFileTypes: true }), [])
}

async function fileBytes(path: string): Promise<number> {
  return unlessGone(
    stat(path).then(({ size }) => size),
    0,
  )
}

async function unlessGone<T>(promise: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}
