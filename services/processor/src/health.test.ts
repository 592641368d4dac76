import { expect, test } from 'vitest'
import { Health } from './health.ts'

function healthAt(clock: { nowMs: number }): Health {
  const health = new Health(2, () => clock.nowMs)
  for (const thread of [0, 1]) {
    health.setState(thread, 'running')
    health.beat(thread, true)
  }
  return health
}

test('a process is ready when all its workers are', () => {
  const health = healthAt({ nowMs: 0 })
  expect(health.isReady()).toBe(true)
  health.setState(1, 'restoring')
  expect(health.isReady()).toBe(false)
  expect(health.isAlive()).toBe(true)
})

test('a worker that does not hear its brokers is alive and not ready', () => {
  const health = healthAt({ nowMs: 0 })
  health.beat(0, false)
  expect([health.isAlive(), health.isReady()]).toEqual([true, false])
})

test('a stuck thread is not ready, whatever it said before', () => {
  const clock = { nowMs: 0 }
  const health = healthAt(clock)
  clock.nowMs = 5_000
  expect(health.isReady()).toBe(false)
  expect(health.report().workers[0]).toEqual({
    thread: 0,
    state: 'running',
    isReady: false,
    silentMs: 5_000,
  })
})

test('a failed worker makes the process dead, so that it is replaced', () => {
  const health = healthAt({ nowMs: 0 })
  health.setState(0, 'failed')
  expect(health.isAlive()).toBe(false)
})
