import { type CommitStep, commitSteps } from '@millrace/runtime'
import type { Topology } from '@millrace/topology'
import { type TestWorker, World } from '../fixture.ts'
import type { LawRecord } from './batch-oracle.ts'

/** How a run is disturbed. */
export interface Disturbance {
  readonly workers: number
  /** The first worker dies before these steps, one after the other, each the so-manieth it reaches. */
  readonly crashes: readonly { readonly step: CommitStep; readonly after: number }[]
  /** Whether who comes after it finds its disk. */
  readonly keepsDisk: boolean
}

export const calm: Disturbance = { workers: 1, crashes: [], keepsDisk: true }

export interface LawRunOptions {
  readonly program: Topology
  readonly partitionCount: number
  readonly outputs: readonly string[]
  readonly inputs: { readonly [topic: string]: readonly LawRecord[] }
  readonly disturbance: Disturbance
}

/** Runs real workers over the input, through the crashes, to its end. */
export async function runLaw(options: LawRunOptions): Promise<World> {
  const { program, partitionCount, outputs, inputs, disturbance } = options
  const it = new World(program)
  for (const topic of [...Object.keys(inputs), ...outputs]) {
    it.cluster.createTopic(topic, { partitionCount })
  }
  for (const [topic, records] of Object.entries(inputs)) {
    for (const { partition, key, timestampMs } of records) {
      const value = Buffer.from(String(timestampMs))
      it.cluster.append(topic, partition, { key: Buffer.from(key), value, timestampMs })
    }
  }
  const others = Array.from({ length: disturbance.workers - 1 }, () => it.start({}))
  const last = await crashOn(it, disturbance)
  for (const topic of Object.keys(inputs)) await it.untilConsumed(topic, partitionCount)
  // What is told downstream with the commits, and what follows from it.
  await it.clock.advance(90_000)
  for (const { worker } of [...others, last]) if (worker.error !== null) throw worker.error
  await it.stop(...others, last)
  return it
}

async function crashOn(it: World, { crashes, keepsDisk }: Disturbance): Promise<TestWorker> {
  let worker = it.start({})
  for (const { step, after } of crashes) {
    await worker.kill()
    let reached = 0
    let isDead = false
    const victim: TestWorker = it.start({
      ...(keepsDisk ? { backends: worker.backends } : {}),
      onCrashPoint(at) {
        if (isDead || at !== step || reached++ < after) return
        isDead = true
        void victim.kill()
        throw new Error('crash')
      },
    })
    const atMs = it.clock.monotonicMs()
    // Where it has nothing to commit so often, it dies at rest.
    await it.until(() => isDead || it.clock.monotonicMs() - atMs > 30_000)
    await victim.kill()
    worker = victim
  }
  await worker.kill()
  return it.start(keepsDisk ? { backends: worker.backends } : {})
}

export const steps = commitSteps
