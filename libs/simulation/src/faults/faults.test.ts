import { kafkaError } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { batchOf, fetchFrom, makeCluster, send, text } from '../fixtures.ts'
import { seededRandom } from '../prng.ts'
import type { FaultInjector } from './faults.ts'
import { randomFaults } from './random-faults.ts'

function withFaults(faults: FaultInjector) {
  const made = makeCluster({ faults })
  made.cluster.createTopic('t')
  const put = (value: string, sequence: number) => {
    const stamp = { producerId: 7, producerEpoch: 0, baseSequence: sequence }
    return send(made.transport, 't', batchOf([value], stamp))
  }
  const log = () => made.cluster.readAll('t').map(({ value }) => text(value))
  return { ...made, put, log }
}

/** The fault for the first request of an API, none for the rest. */
function once<F>(api: string, fault: F): (call: { api: string }) => F | undefined {
  let isDue = true
  return (call) => {
    if (!isDue || call.api !== api) return undefined
    isDue = false
    return fault
  }
}

describe('faults', () => {
  test('a connection that breaks before the broker acts loses the request and those behind it', async () => {
    const { put, log } = withFaults({ before: once('produce', { kind: 'disconnect' as const }) })
    const sent = await Promise.allSettled([put('a', 0), put('b', 1)])
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(log()).toEqual([])
    await put('a', 0)
    expect(log()).toEqual(['a'])
  })

  test('an answer that is lost leaves the record; its repetition is recognised', async () => {
    const { put, log } = withFaults({ after: once('produce', { kind: 'disconnect' as const }) })
    await expect(put('a', 0)).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    expect(log()).toEqual(['a'])
    expect((await put('a', 0)).baseOffset).toBe(0)
    expect(log()).toEqual(['a'])
  })

  test('a delay holds what is sent after it back too, so that the order stays', async () => {
    const delay = { kind: 'delay' as const, delayMs: 100 }
    const { clock, put, log } = withFaults({ before: once('produce', delay) })
    const sent = Promise.all([put('a', 0), put('b', 1)])
    await clock.advance(99)
    expect(log()).toEqual([])
    const answers = await clock.run(sent)
    expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 0])
    expect(log()).toEqual(['a', 'b'])
  })

  test('an answer can be late', async () => {
    const delay = { kind: 'delay' as const, delayMs: 100 }
    const { clock, put, log } = withFaults({ after: once('produce', delay) })
    const sent = put('a', 0)
    await clock.advance(99)
    expect(log()).toEqual(['a'])
    await clock.run(sent)
    expect(clock.monotonicMs()).toBe(100)
  })

  test('an error comes without the broker acting, or although it has', async () => {
    const errorCode = kafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    const error = { kind: 'error' as const, errorCode }
    const before = withFaults({ before: once('produce', error) })
    expect((await before.put('a', 0)).errorCode).toBe(errorCode)
    expect(before.log()).toEqual([])
    const after = withFaults({ after: once('produce', error) })
    expect((await after.put('a', 0)).errorCode).toBe(errorCode)
    expect(after.log()).toEqual(['a'])
  })

  test('a request that arrives twice is acted on twice', async () => {
    const { put, transport, log } = withFaults({
      before: ({ api }) => {
        return api === 'produce' ? { kind: 'repeat' } : undefined
      },
    })
    expect((await put('a', 0)).baseOffset).toBe(0)
    expect(log()).toEqual(['a'])
    await send(transport, 't', batchOf(['plain']))
    expect(log()).toEqual(['a', 'plain', 'plain'])
  })

  test('a broker that goes down loses held requests and refuses new ones', async () => {
    const { clock, cluster, transport } = withFaults({})
    const held = fetchFrom(transport, 't', 0, { maxWaitMs: 500 })
    await clock.settle()
    cluster.brokerDown(1)
    await expect(held).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    await expect(fetchFrom(transport, 't', 0)).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    cluster.brokerUp(1)
    expect((await fetchFrom(transport, 't', 0)).errorCode).toBe(0)
  })

  test('a closed transport and a closed cluster leave no timer', async () => {
    const { clock, cluster, transport } = withFaults({})
    const held = fetchFrom(transport, 't', 0, { maxWaitMs: 500 })
    await clock.settle()
    const [lost] = await Promise.allSettled([held, cluster.close()])
    expect(lost).toMatchObject({ reason: { code: 'MILLRACE_KAFKA_RETRIABLE' } })
    await expect(transport.metadata(null)).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('random faults', () => {
  const rates = { delay: 0.3, disconnect: 0.1, lostAnswer: 0.1, repeat: 0.1, passingError: 0.1 }

  /** Retries each record until it is acknowledged, and tells what happened on the way. */
  async function history(seed: number) {
    const { clock, put, log } = withFaults(randomFaults(seededRandom(seed), rates))
    const events: string[] = []
    const work = async () => {
      for (let sequence = 0; sequence < 40; ) {
        try {
          const { errorCode } = await put(`${sequence}`, sequence)
          events.push(`${sequence} ${errorCode} @${clock.monotonicMs()}`)
          if (errorCode === 0) sequence++
        } catch {
          events.push(`${sequence} lost @${clock.monotonicMs()}`)
        }
      }
    }
    await clock.run(work())
    return { events, log: log() }
  }

  test('the same seed gives the same history, another seed another', async () => {
    const [a, b, c] = [await history(1), await history(1), await history(2)]
    expect(a).toEqual(b)
    expect(a.events).not.toEqual(c.events)
    expect(a.events.some((event) => event.includes('lost'))).toBe(true)
  })

  test('an idempotent producer that retries the same bytes gets each record in once, in order', async () => {
    const expected = Array.from({ length: 40 }, (_, i) => `${i}`)
    for (let seed = 0; seed < 50; seed++) {
      const { log } = await history(seed)
      expect(log, `seed ${seed}`).toEqual(expected)
    }
  })

  test('requests that are spared go through', async () => {
    const faults = randomFaults(seededRandom(1), { disconnect: 1, except: ['metadata'] })
    const { transport } = makeCluster({ faults })
    expect((await transport.metadata(null)).controllerId).toBe(1)
    await expect(transport.findCoordinator('group', 'g')).rejects.toThrow('RETRIABLE')
  })
})
