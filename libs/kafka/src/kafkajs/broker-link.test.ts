import type { Clock } from '@millrace/time'
import { expect, test } from 'vitest'
import { heartbeat } from '../wire/requests/group/heartbeat.ts'
import { txnOffsetCommit } from '../wire/requests/transaction/txn-offset-commit.ts'
import { BrokerLink } from './broker-link.ts'
import { BrokerFactory } from './brokers/broker-factory.ts'
import { retriable } from './connection-error.ts'
import { LinkPool } from './link-pool.ts'
import { failureOf } from './testing/failure-of.ts'
import { frame, type ScriptedBroker, startScriptedBroker } from './testing/scripted-broker.ts'

const member = { groupId: 'g', generation: 1, memberId: 'm', groupInstanceId: null }
/** Heartbeat v3: throttleTimeMs int32 · errorCode int16. */
const answerWith = (errorCode: number) => Buffer.from([0, 0, 0, 0, 0, errorCode])
const lost = { code: 'MILLRACE_KAFKA_RETRIABLE' }

/** Time stands still until the test lets a timer fire. */
function stoppedClock() {
  const timers = new Map<() => void, number>()
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    setTimer(delayMs, callback) {
      timers.set(callback, delayMs)
      return () => timers.delete(callback)
    },
  }
  const fire = (delayMs: number) => {
    for (const [callback, delay] of timers)
      if (delay === delayMs && timers.delete(callback)) callback()
  }
  return { clock, timers, fire }
}

function linkOptions(broker: ScriptedBroker, { clock } = stoppedClock()) {
  const options = { brokers: [`${broker.host}:${broker.port}`], clientId: 'test' }
  return { factory: new BrokerFactory(options, () => {}, clock), clock, connectTimeoutMs: 777 }
}

test('requests that meet an unconnected link share one connection and keep their order', async () => {
  await using broker = await startScriptedBroker()
  const link = new BrokerLink(broker, linkOptions(broker))
  const sent = [1, 2, 3].map(() => link.send(heartbeat, member, 1_000))
  for (let code = 1; code <= 3; code++) (await broker.next()).answer(answerWith(code))
  expect(await Promise.all(sent)).toEqual([{ errorCode: 1 }, { errorCode: 2 }, { errorCode: 3 }])
  expect(broker.connectionCount).toBe(1)
  link.close(retriable('done'))
})

test('half an answer before the connection is lost does not spoil the next connection', async () => {
  await using broker = await startScriptedBroker()
  const link = new BrokerLink(broker, linkOptions(broker))
  const cut = link.send(heartbeat, member, 1_000)
  const request = await broker.next()
  request.socket.end(frame(request.correlationId, answerWith(1)).subarray(0, 9))
  await expect(cut).rejects.toMatchObject(lost)
  const next = link.send(heartbeat, member, 1_000)
  ;(await broker.next()).answer(answerWith(2))
  expect(await next).toEqual({ errorCode: 2 })
  expect(broker.connectionCount).toBe(2)
  link.close(retriable('done'))
})

test('a request that is not answered in its time fails, and the connection with it', async () => {
  await using broker = await startScriptedBroker()
  const time = stoppedClock()
  const link = new BrokerLink(broker, linkOptions(broker, time))
  const slow = link.send(heartbeat, member, 1_000)
  const behind = link.send(heartbeat, member, 2_000)
  const failures = [slow, behind].map(failureOf)
  await broker.next()
  await broker.next()
  time.fire(1_000)
  for (const failure of failures) expect(await failure).toMatchObject(lost)
  expect(time.timers.size).toBe(0)
  const next = link.send(heartbeat, member, 1_000)
  ;(await broker.next()).answer(answerWith(0))
  expect(await next).toEqual({ errorCode: 0 })
  link.close(retriable('done'))
})

test('a broker that hangs up while it is connected to costs no more than the time for connecting', async () => {
  await using broker = await startScriptedBroker({ onConnection: (socket) => socket.pause() })
  const time = stoppedClock()
  const link = new BrokerLink(broker, linkOptions(broker, time))
  const failure = failureOf(link.send(heartbeat, member, 1_000))
  while (![...time.timers.values()].includes(777))
    await new Promise((resolve) => setImmediate(resolve))
  time.fire(777)
  expect(await failure).toMatchObject(lost)
  expect(link.loadCount).toBe(0)
})

test('a version that the broker does not speak is named before it is sent', async () => {
  await using broker = await startScriptedBroker({ versionMax: 2 })
  const link = new BrokerLink(broker, linkOptions(broker))
  const sent = link.send(
    txnOffsetCommit,
    { ...member, transactionalId: 't', producerId: 1, producerEpoch: 0, offsets: [] },
    1_000,
  )
  await expect(sent).rejects.toThrow(
    /MILLRACE_KAFKA_UNSUPPORTED: TxnOffsetCommit to .*: version 3, the broker speaks 0 to 2/,
  )
  link.close(retriable('done'))
})

test('closing rejects what is under way at once', async () => {
  await using broker = await startScriptedBroker()
  const link = new BrokerLink(broker, linkOptions(broker))
  const failure = failureOf(link.send(heartbeat, member, 1_000))
  await broker.next()
  link.close(retriable('the transport was closed'))
  expect(String(await failure)).toMatch(/the transport was closed/)
})

test('an answer shorter than its fields is an error of ours', async () => {
  await using broker = await startScriptedBroker()
  const link = new BrokerLink(broker, linkOptions(broker))
  const failure = failureOf(link.send(heartbeat, member, 1_000))
  ;(await broker.next()).answer(Buffer.from([0, 0]))
  expect(await failure).toMatchObject({ code: 'MILLRACE_KAFKA_FATAL' })
})

test('a pool gives each request a connection of its own up to its bound, then queues', async () => {
  await using broker = await startScriptedBroker()
  const pool = new LinkPool(2, linkOptions(broker))
  const sent = [1, 2, 3].map(() => pool.send(broker, heartbeat, member, 1_000))
  const requests = [await broker.next(), await broker.next(), await broker.next()]
  expect(broker.connectionCount).toBe(2)
  for (const request of requests) request.answer(answerWith(0))
  await Promise.all(sent)
  const again = pool.send(broker, heartbeat, member, 1_000)
  ;(await broker.next()).answer(answerWith(0))
  await again
  expect(broker.connectionCount).toBe(2)
  pool.retain(new Set(), retriable('done'))
})
