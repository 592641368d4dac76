import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keepingUpPanels } from '../../tools/generate/dashboard/keeping-up-panels.ts'
import { freePorts } from '../../tools/kafka/ports.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { debianPackage } from '../../tools/test/system-packages.ts'
import { baseMs, type Input, spread } from '../integration/harness/input.ts'
import { Scene } from '../integration/harness/scene.ts'
import { needPackage } from './need-package.ts'
import { Prometheus } from './prometheus.ts'
import { filledIn, withoutFallback } from './promql.ts'

const rulesFile = join(import.meta.dirname, '../../deploy/prometheus/rules/millrace.yml')
const queries = keepingUpPanels.flatMap((panel) => panel.queries.map((query) => query.expression))

describeWithKafka(
  'the dashboard and the alerts, on a real Prometheus that scrapes a real processor',
  (brokers) => {
    test('every query of every panel has an answer, and what is wrong alerts', {
      timeout: 300_000,
    }, async (context) => {
      const program = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/prometheus')
      const topics = { in: 4, out: 4, late: 1, dead: 1 }
      await using scene = await Scene.open({ brokers, topics })
      const [port] = await freePorts(2)
      const env = {
        MILLRACE_TOPOLOGY: join(import.meta.dirname, 'topologies', 'readings.ts'),
        MILLRACE_HTTP_PORT: String(port),
        MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
      }
      const readings = (from: number, to: number): Input[] =>
        spread({ partitions: 4, from, to }).map((input) => ({ ...input, value: '{"reading":1}' }))

      // State is written, lost and restored; then records come that wait, are late, have no key, or
      // cannot be decoded.
      const first = scene.processor('readings', 'one', env)
      await scene.feed('in', readings(0, 200))
      await scene.consumed('in')
      await first.end('SIGTERM')
      rmSync(scene.stateDirectory('one'), { recursive: true })
      await using prometheus = await Prometheus.start(program, [`127.0.0.1:${port}`], {
        ruleFiles: [rulesFile],
      })
      scene.processor('readings', 'one', env)
      const answered = new Set<string>()
      let fed = 200
      await scene.until('every query has an answer', async () => {
        await scene.feed('in', [...readings(fed, fed + 100), ...faulty])
        fed += 100
        for (const query of queries) {
          const found = await prometheus.query(filledIn(withoutFallback(query), '10s'))
          if (found.length > 0) answered.add(query)
        }
        return queries.every((query) => answered.has(query))
      })
      expect(answered).toHaveLength(queries.length)
      // Of the rules, what is wrong here and no other.
      await scene.until('the alerts fire', async () => {
        return (await prometheus.firing()).length >= 2
      })
      expect(await prometheus.firing()).toEqual(['MillraceDeadLetterRate', 'Watchdog'])
    })
  },
)

const faulty: readonly Input[] = [
  { partition: 0, key: 'p0k0', value: 'not JSON', timestampMs: baseMs },
  { partition: 1, key: null, value: '{"reading":2}', timestampMs: baseMs },
]
