import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const mebibyte = 1024 * 1024

/** What a process holds, in MiB, from Linux' procfs. */
export interface Memory {
  /** Its own: the heaps of JavaScript, and what LevelDB and buffers take beside them. */
  readonly ownMiB: number
  /** Pages of files that are mapped, LevelDB's tables among them: the kernel takes them back at will. */
  readonly filesMiB: number
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024
  return { ownMiB: of('RssAnon'), filesMiB: of('RssFile') }
}

/** The bytes of all files under a folder, in MiB; files that go while it is read count as gone. */
export async function sizeMiB(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / mebibyte
}
