import { createRequire } from 'node:module'
import type { Clock } from '@millrace/time'
import { expect, test } from 'vitest'
import type { KafkajsRequestQueue } from './private-surface.ts'
import { replaceRequestTimers } from './request-timers.ts'

interface TestedQueue extends KafkajsRequestQueue {
  throttledUntil: number
  push(request: unknown): void
  fulfillRequest(answer: { correlationId: number; payload: null; size: number }): void
}

const RequestQueue: new (options: object) => TestedQueue = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
)

/** kafkajs' own queue, whose timers are ours and fire when told to. */
function makeQueue({ maxInFlightRequests = null as number | null, nowMs = Date.now() } = {}) {
  const timers: { delayMs: number; fire: () => void }[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(delayMs, fire) {
      const timer = { delayMs, fire }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer) >>> 0, 1)
    },
  }
  const queue = new RequestQueue({
    maxInFlightRequests,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'test',
    broker: 'test:1',
    logger: { debug() {}, warn() {} },
  })
  const sent: number[] = []
  const cancel = replaceRequestTimers(queue, clock)
  const push = (correlationId: number) =>
    queue.push({
      entry: { correlationId, resolve() {}, reject() {} },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    })
  return { queue, timers, sent, push, cancel }
}

test('an answered request leaves no timer behind', () => {
  const { queue, timers, sent, push } = makeQueue()
  push(1)
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
  expect(sent).toEqual([1])
  expect(timers).toEqual([])
})

test('a throttled request waits as long as the broker asked, with one timer', () => {
  const nowMs = Date.now()
  const { queue, timers, sent, push } = makeQueue({ nowMs })
  queue.throttledUntil = nowMs + 60_000
  push(1)
  push(2)
  expect(sent).toEqual([])
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([60_000])
  queue.throttledUntil = -1
  timers.shift()!.fire()
  expect(sent).toEqual([1, 2])
  expect(timers).toEqual([])
})

test('a request that waits for its turn is sent when another is answered', () => {
  const { queue, sent, push } = makeQueue({ maxInFlightRequests: 1 })
  push(1)
  push(2)
  expect(sent).toEqual([1])
  queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 })
  expect(sent).toEqual([1, 2])
})

test('closing the connection ends the timer', () => {
  const { queue, timers, push, cancel } = makeQueue()
  queue.throttledUntil = Date.now() + 60_000
  push(1)
  expect(timers).toHaveLength(1)
  cancel()
  expect(timers).toEqual([])
})
