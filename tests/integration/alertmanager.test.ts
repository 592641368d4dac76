import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePorts } from '../../tools/kafka/ports.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { debianPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from '../deploy/need-package.ts'
import { Alertmanager } from '../faults/alerts/bed/alertmanager.ts'
import { Receiver } from './harness/receiver.ts'
import { Scene } from './harness/scene.ts'

interface Known {
  readonly labels: { readonly [name: string]: string }
  readonly annotations: { readonly [name: string]: string }
  readonly startsAt: string
}

describeWithKafka('a real Alertmanager', (brokers) => {
  test('knows what fires, again after it has lost everything, and no more when it is over', async (context) => {
    const folder = needPackage(context, debianPackage('prometheus-alertmanager'))
    const program = join(folder, 'usr/bin/prometheus-alertmanager')
    const [port] = await freePorts(2)
    await using receiver = await Receiver.open()
    await using scene = await Scene.open({ brokers, topics: { in: 1, alerts: 1 } })
    const start = () => Alertmanager.start(program, receiver.url, port)
    const active = async (): Promise<readonly Known[]> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/v2/alerts?active=true`)
      return (await response.json()) as readonly Known[]
    }
    const atMs = Date.now() - 60_000
    const put = (value: number, seconds: number): Promise<void> => {
      const timestampMs = atMs + seconds * 1_000
      return scene.feed('in', [{ partition: 0, key: 'attic', value: String(value), timestampMs }])
    }

    const first = await start()
    const url = `http://127.0.0.1:${port}`
    const one = scene.processor('alerting.ts', 'one', { SINK_URL: receiver.url, ALERTMANAGER: url })
    await one.ready()
    await put(95, 0)
    await put(96, 11)
    await scene.until('it fires', async () => (await active()).length === 1)
    expect(await active()).toMatchObject([
      {
        labels: { alertname: 'hot', severity: 'critical', key: 'attic', dedupe_key: 'hot/attic' },
        annotations: { summary: 'It is hot.', runbook_url: 'https://example.org/hot' },
        startsAt: new Date(atMs + 10_000).toISOString(),
      },
    ])
    await first[Symbol.asyncDispose]()
    await using _second = await start()
    await scene.until('it is told again', async () => (await active()).length === 1)
    await put(20, 12)
    await put(20, 20)
    await scene.until('it is over', async () => (await active()).length === 0)
    expect((await one.end('SIGTERM')).code).toBe(0)
  })
})
