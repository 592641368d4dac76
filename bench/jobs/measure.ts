import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import type { RunningJob } from './contestant.ts'
import type { InputSpec } from './input.ts'

export interface Measurement {
  /** From the start of the process to the first 20 % of the input committed. */
  readonly warmUpSeconds: number
  /** Records per second over what was committed after the warm-up. */
  readonly recordsPerSecond: number
  /** Largest resident set seen, start and warm-up included. */
  readonly peakMemoryMiB: number
  /** Of all its threads from the start; on a busy machine it tells more than the clock. */
  readonly cpuSeconds: number
}

const warmUpShare = 0.2
const pollMs = 20
const deadlineMs = 600_000

/**
 * Watches a processor from outside, the same way on both sides: by the offsets that its group has
 * committed. Warm-up ends with the first commit past 20 % of the input, the run with the commit of all.
 */
export async function measure(
  cluster: Cluster,
  groupId: string,
  inputs: readonly InputSpec[],
  job: RunningJob,
): Promise<Measurement> {
  const partitions = inputs.flatMap(({ topic, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  )
  const total = inputs.reduce((sum, { records }) => sum + records, 0)
  const startedAtMs = performance.now()
  let warm: { readonly atMs: number; readonly records: number } | undefined
  let peakMemoryMiB = 0
  while (performance.now() - startedAtMs < deadlineMs) {
    if (!job.isAlive()) throw new Error(`${groupId} ended before it had committed its input`)
    peakMemoryMiB = Math.max(peakMemoryMiB, residentMiB(job.pid))
    const committed = await committedRecords(cluster, groupId, partitions)
    const atMs = performance.now()
    if (!warm && committed >= total * warmUpShare) warm = { atMs, records: committed }
    if (warm && committed >= total) {
      const seconds = (atMs - warm.atMs) / 1000
      return {
        warmUpSeconds: (warm.atMs - startedAtMs) / 1000,
        recordsPerSecond: (total - warm.records) / seconds,
        peakMemoryMiB,
        cpuSeconds: cpuSeconds(job.pid),
      }
    }
    await wait(pollMs)
  }
  throw new Error(`${groupId} did not commit its input within ${deadlineMs / 1000} s`)
}

async function committedRecords(
  cluster: Cluster,
  groupId: string,
  partitions: readonly { topic: string; partition: number }[],
): Promise<number> {
  const offsets = await cluster.committedOffsets(groupId, partitions, { requireStable: false })
  return offsets.reduce((sum, { offset }) => sum + offset, 0)
}

/** Peak resident set of a process in MiB, from Linux' procfs; 0 where there is none. */
function residentMiB(pid: number): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match ? Number(match[1]) / 1024 : 0
  } catch {
    return 0
  }
}

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const ticksPerSecond = 100

/** User and system time of a process, from Linux' procfs; 0 where there is none. */
function cpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return 0
  }
}
