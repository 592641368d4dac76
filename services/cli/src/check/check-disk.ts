import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Finding, fault, ok, warning } from './finding.ts'

const lowBytes = 1 << 30

/** Whether state can be kept on this machine: in the container of a processor, its volume. */
export async function checkDisk(stateDirectory: string): Promise<readonly Finding[]> {
  const probe = join(stateDirectory, '.check')
  try {
    await mkdir(stateDirectory, { recursive: true })
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const remedy =
      'Mount a volume that the user of the process may write, or set MILLRACE_STATE_DIRECTORY.'
    return [fault('disk', `${stateDirectory} cannot be written: ${why}`, remedy)]
  }
  const { bavail, bsize } = await statfs(stateDirectory)
  const freeBytes = bavail * bsize
  const message = `${(freeBytes / 2 ** 30).toFixed(1)} GiB free in ${stateDirectory}`
  if (freeBytes >= lowBytes) return [ok('disk', message)]
  return [warning('disk', message, 'Give the state more room: a full disk stops its tasks.')]
}
