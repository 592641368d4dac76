import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs } from './harness/input.ts'
import { Scene } from './harness/scene.ts'

const stuck = /a worker thread does not turn/

describeWithKafka('a record that blocks its thread', (brokers) => {
  test.each([
    ['loops', 'loop'],
    ['waits in a native call', 'wait'],
  ])(
    'is named with operator and stack where a function %s; the rest goes on after it',
    async (_, kind) => {
      await using scene = await Scene.open({ brokers, topics: { in: 2, out: 1 } })
      const one = scene.processor('blocking.ts', 'one', {
        MILLRACE_WATCHDOG_AFTER: '2s',
        MILLRACE_SESSION_TIMEOUT: '45s',
        BLOCK_MS: '9000',
      })
      await one.ready()
      const record = (key: string, value: string) => ({
        partition: 1,
        key,
        value,
        timestampMs: baseMs,
      })
      await scene.feed('in', [record('a', 'good'), record('b', kind), record('c', 'good')])
      const [first] = await scene.until('it is reported', () => {
        const lines = one.said(stuck)
        return lines.length > 0 ? lines : null
      })
      expect(first).toMatchObject({
        thread: 0,
        operator: 'shout',
        topic: scene.topic('in'),
        partition: 1,
        offset: 1,
      })
      const stack = String(first?.['stack'])
      expect(stack).toMatch(/block \(file:.*blocking\.ts:\d+\).*,shout .*blocking\.ts/)
      expect(first?.msg).toContain(`millrace skip ${scene.topic('in')}:1:1`)
      const seconds = await one.metric('millrace_thread_blocked_seconds', { thread: '0' })
      expect(seconds).toBeGreaterThanOrEqual(2)
      expect((await one.get('/healthz')).status).toBe(200)
      // Served meanwhile, fresh, with what the worker said last.
      const collected = 'millrace_metrics_collect_timestamp_seconds'
      const before = await one.metric(collected)
      expect(await one.metric(collected)).toBeGreaterThan(before)
      expect(await one.metric('millrace_partition_phase', { phase: 'running' })).toBe(2)
      expect(await one.metric('millrace_tasks_expected')).toBe(2)
      await scene.until('it is reported again', () => one.said(stuck).length === 2)
      // Neither the look at it nor the report has held it up.
      await scene.consumed('in')
      await scene.until('it turns again', async () => {
        return (await one.metric('millrace_thread_blocked_seconds', { thread: '0' })) === 0
      })
      expect((await scene.read('out')).flat().map(({ value }) => String(value))).toEqual([
        'good!',
        `${kind}!`,
        'good!',
      ])
      expect((await one.end('SIGTERM')).code).toBe(0)
    },
  )
})
