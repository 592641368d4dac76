import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { baseMs, type Input } from './harness/input.ts'
import { runningTasks } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const partitionCount = 8
const topics = { in: partitionCount, out: 4, late: 1 }

/** Some near the largest time of their partition so far, some long behind it. */
const inputs: fc.Arbitrary<readonly Input[]> = fc
  .array(
    fc.record({
      partition: fc.nat(partitionCount - 1),
      key: fc.nat(3),
      stepMs: fc.nat(4_000),
      backMs: fc.oneof({ weight: 8, arbitrary: fc.nat(5_000) }, fc.nat(60_000)),
    }),
    { minLength: 2_000, maxLength: 4_000, size: 'max' },
  )
  .map((made) => {
    const nowMs = Array.from({ length: partitionCount }, () => baseMs + 60_000)
    return made.map(({ partition, key, stepMs, backMs }) => {
      const atMs = (nowMs[partition] as number) + stepMs
      nowMs[partition] = atMs
      const timestampMs = atMs - backMs
      return { partition, key: `p${partition}k${key}`, timestampMs }
    })
  })

/** `LAW_SEED=…` replays the input of a failure. */
const seed = Number(process.env['LAW_SEED'] ?? Date.now() % 2 ** 31)

describeWithKafka(
  'many partitions, many processes, one of them killed again and again',
  (brokers) => {
    test(`results and late records are those of a batch (LAW_SEED=${seed})`, async () => {
      process.stdout.write(`LAW_SEED=${seed}\n`)
      const [all = []] = fc.sample(inputs, { seed, numRuns: 1 })
      await using scene = await Scene.open({ brokers, topics })
      const env = { MILLRACE_SESSION_TIMEOUT: '6s', MILLRACE_COMMIT_INTERVAL: '200ms' }
      const others = ['one', 'two'].map((name) => scene.processor('counting.ts', name, env))
      const quarter = Math.ceil(all.length / 4)
      for (let part = 0; part < 4; part++) {
        const victim = scene.processor('counting.ts', 'three', env)
        await scene.until('it has tasks', async () => (await runningTasks(victim)) > 0)
        await scene.feed('in', all.slice(part * quarter, (part + 1) * quarter))
        await victim.end('SIGKILL')
      }
      await scene.consumed('in')
      for (const one of others) expect((await one.end('SIGTERM')).code).toBe(0)

      const expected = batchCounts(asBatch(await scene.read('in')), window)
      expect(expected.late).toBeGreaterThan(0)
      expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
      expect((await scene.read('late')).flat()).toHaveLength(expected.late)
    })
  },
)
