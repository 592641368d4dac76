import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { partitionOf, string } from '@millrace/record'
import { expect, test } from 'vitest'
import { freePorts } from '../../tools/kafka/ports.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { debianPackage } from '../../tools/test/system-packages.ts'
import { baseMs, type Input, spread } from '../integration/harness/input.ts'
import { Scene } from '../integration/harness/scene.ts'
import { Unanswered } from './dashboards/unanswered.ts'
import { needPackage } from './need-package.ts'
import { Prometheus } from './prometheus.ts'
import { ruleFiles } from './rule-files.ts'

const partitions = 4
const topics = { in: 4, out: 4, late: 1, dead: 1, left: 4, right: 4, merged: 4 }

describeWithKafka(
  'the dashboards and the alerts, on a real Prometheus that scrapes real processors',
  (brokers) => {
    test('every query of every panel shows what it is there for, and what is wrong alerts', {
      timeout: 480_000,
    }, async (context) => {
      const program = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/prometheus')
      await using scene = await Scene.open({ brokers, topics })
      const [one, two] = (await freePorts(2)).map(String) as [string, string]
      const [alone, both] = [[one], [one, two]].map((ports) =>
        ports.map((port) => `127.0.0.1:${port}`),
      ) as [string[], string[]]
      await using prometheus = await Prometheus.start(program, alone, {
        ruleFiles: ruleFiles.map((file) => join(import.meta.dirname, '../..', file)),
      })
      const unanswered = new Unanswered('readings')
      let fed = 200
      const feed = async (): Promise<void> => {
        const [committed = 0] = await scene.committed('in')
        if (fed - committed > 300) return
        await feedWrong(scene, fed)
        fed += 100
      }
      const shown = (what: string, panels: (title: string) => boolean) =>
        scene.until(what, async () => {
          await feed()
          await unanswered.ask(prometheus)
          unanswered.requireNone(({ panel }) => panels(panel))
          return true
        })

      // State is written, lost and restored, which hangs for a while.
      const first = start(scene, one)
      await scene.feed('in', readings(partitions, 0, fed))
      await scene.feed('right', keysWhereTheyBelong(0, 10_000))
      await scene.consumed('in', 'right')
      await first.end('SIGTERM')
      rmSync(scene.stateDirectory(one), { recursive: true })
      const letGo = await holdBackRestores(scene)
      start(scene, one)
      await shown('what is left to restore', (title) =>
        /^(Left to restore|Restored in)/.test(title),
      )
      await letGo()

      // Then records wait, are late, have no key, or fail; and another process comes and goes.
      await shown('all but that', (title) => !/rebalance|^Restored$/i.test(title))
      prometheus.scrape(both)
      const second = start(scene, two)
      await shown('rebalances', (title) => /rebalance/i.test(title))
      await scene.until('the other process changes rows', async () => {
        await feed()
        return (await second.metric('millrace_changelog_records_total', { store: 'merged' })) > 0
      })
      prometheus.scrape(alone)
      await second.end('SIGTERM')
      await shown('every query', () => true)

      // Of the rules, what is wrong here and no other. Without failures: where tasks begin again, time does.
      await scene.consumed('in', 'left', 'right')
      await scene.feed('left', elsewhere(keysWhereTheyBelong(0, 20)))
      await scene.until('the alerts fire', async () => {
        const firing = await prometheus.firing()
        if (firing.length < alerts.length) throw new Error(`these fire: ${firing.join(', ')}`)
        return true
      })
      expect(await prometheus.firing()).toEqual(alerts)
    })
  },
)

const alerts = [
  'MillraceClockSkew',
  'MillraceDeadLetterRate',
  'MillraceKeyPartitionMismatch',
  'Watchdog',
]

/** A processor whose metrics are at this port, with a state of its own. */
function start(scene: Scene, port: string) {
  return scene.processor('readings', port, {
    MILLRACE_TOPOLOGY: join(import.meta.dirname, 'topologies', 'readings.ts'),
    MILLRACE_HTTP_PORT: port,
    MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
    MILLRACE_PROCESSING_RETRIES: '1',
    MILLRACE_STATE_DISK_BUDGET: '1GiB',
    MILLRACE_CANARY_INTERVAL: '1s',
  })
}

/** Somebody leaves a transaction open where restores read: they hang until it is given up. */
async function holdBackRestores({ cluster, name }: Scene): Promise<() => Promise<void>> {
  const producer = cluster.transactionalProducer({
    transactionalId: `${name}-forgotten`,
    transactionTimeoutMs: 300_000,
  })
  await producer.init()
  producer.begin()
  for (let partition = 0; partition < partitions; partition++) {
    producer.append(`${name}-merged-changelog`, partition, Buffer.from('k'), null, baseMs, [])
  }
  await producer.flush()
  return async () => {
    await producer.abort()
    await producer.close()
  }
}

/** Nothing for the last partition of `in`: it holds windows back. */
async function feedWrong(scene: Scene, from: number): Promise<void> {
  await scene.feed('in', [
    ...readings(partitions - 1, from, from + 100),
    { partition: 0, key: 'p0k0', value: 'not JSON', timestampMs: baseMs },
    { partition: 1, key: null, value: '{"reading":2}', timestampMs: baseMs },
    { partition: 2, key: 'p2k0', value: '{"reading":-1}', timestampMs: baseMs },
  ])
  await scene.feed('right', keysWhereTheyBelong(from, from + 40))
  await scene.feed('left', [...elsewhere(keysWhereTheyBelong(from, from + 20)), refused])
}

const refused: Input = { partition: 0, key: 'refused', timestampMs: baseMs }

function readings(partitionCount: number, from: number, to: number): Input[] {
  return spread({ partitions: partitionCount, from, to }).map((input) => ({
    ...input,
    value: '{"reading":1}',
  }))
}

function keysWhereTheyBelong(from: number, to: number): Input[] {
  return Array.from({ length: to - from }, (_, index) => {
    const key = `key ${from + index}`
    const partition = partitionOf(string, Buffer.from(key), partitions)
    return { partition, key, timestampMs: baseMs }
  })
}

/** As another partitioner would have it, by a clock that is half an hour fast. */
function elsewhere(inputs: readonly Input[]): Input[] {
  return inputs.map((input) => ({
    ...input,
    partition: (input.partition + 1) % partitions,
    timestampMs: Date.now() + 1_800_000,
  }))
}
