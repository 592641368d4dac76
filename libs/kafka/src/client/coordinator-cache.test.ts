import { describe, expect, test } from 'vitest'
import { kafkaError } from '../wire/error-codes.ts'
import { CoordinatorCache } from './coordinator-cache.ts'
import { connectionLost, ScriptedTransport } from './testing/scripted-transport.ts'

function cache() {
  const script = new ScriptedTransport()
  let nodeId = 0
  script.always('findCoordinator', () => ({ errorCode: 0, nodeId: ++nodeId }))
  const coordinators = new CoordinatorCache(script.transport)
  const call = (outcome: number | Error) =>
    coordinators.call(
      'group',
      'g',
      async (asked) => {
        if (outcome instanceof Error) throw outcome
        return { asked, outcome }
      },
      ({ outcome }) => [outcome],
    )
  return { script, coordinators, call }
}

describe('the coordinator cache', () => {
  test('asks once for a group, also for callers at the same time, and apart from transactional ids', async () => {
    const { script, coordinators } = cache()
    expect(
      await Promise.all([coordinators.find('group', 'g'), coordinators.find('group', 'g')]),
    ).toEqual([1, 1])
    expect(await coordinators.find('transaction', 'g')).toBe(2)
    expect(script.count('findCoordinator')).toBe(2)
  })

  test('looks again after an answer that the coordinator moved, or a lost connection', async () => {
    const { call } = cache()
    expect(await call(kafkaError.NONE)).toMatchObject({ asked: 1 })
    expect(await call(kafkaError.NOT_COORDINATOR)).toMatchObject({ asked: 1 })
    expect(await call(kafkaError.COORDINATOR_NOT_AVAILABLE)).toMatchObject({ asked: 2 })
    await expect(call(connectionLost())).rejects.toThrow('connection lost')
    expect(await call(kafkaError.NONE)).toMatchObject({ asked: 4 })
  })

  test('stays where it is after other errors', async () => {
    const { call } = cache()
    expect(await call(kafkaError.COORDINATOR_LOAD_IN_PROGRESS)).toMatchObject({ asked: 1 })
    expect(await call(kafkaError.CONCURRENT_TRANSACTIONS)).toMatchObject({ asked: 1 })
  })

  test('keeps no failed search', async () => {
    const { script, coordinators } = cache()
    script.always('findCoordinator', () => ({
      errorCode: kafkaError.COORDINATOR_NOT_AVAILABLE,
      nodeId: -1,
    }))
    await expect(coordinators.find('group', 'g')).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_RETRIABLE',
    })
    script.always('findCoordinator', () => ({ errorCode: 0, nodeId: 5 }))
    expect(await coordinators.find('group', 'g')).toBe(5)
  })
})
