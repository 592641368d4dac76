import { MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import { expect, test } from 'vitest'
import type { StreamTask } from '../task/stream-task.ts'
import { Committer } from './commit.ts'
import type { Delivery } from './delivery.ts'

const clock = { nowMs: () => 0, monotonicMs: () => 0 } as Clock
const offsets = [{ topic: 'in', partition: 0, offset: 7 }]

/** A task and a delivery that write down what is asked of them. */
function scene(refusals = 0) {
  const log: string[] = []
  const changes = { stores: [{ name: 's', records: [], operations: [] }], recordCount: 0 }
  let left = refusals
  const delivery: Delivery = {
    guarantee: 'at_least_once',
    producer: { bufferedBytes: () => 0 } as never,
    start: async () => {},
    flush: async () => {
      log.push('flush')
      return [{ topic: 'app-s-changelog', partition: 0, offset: 12 }]
    },
    sendOffsets: async (sent) => void log.push(`offsets ${sent[0]?.offset}`),
    commit: async () => {
      if (left-- > 0)
        throw new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'a rebalance' })
      log.push('commit')
    },
    isRepeatable: () => true,
    close: async () => {},
  }
  const task = {
    definition: { id: { subTopology: 0, partition: 0 } },
    isDirty: true,
    tick: () => log.push('tick'),
    seal: async () => {
      log.push('seal')
      return changes
    },
    inputOffsets: () => offsets,
    state: {
      apply: async (
        _: unknown,
        { changelogOffsets }: { changelogOffsets: ReadonlyMap<string, number> },
      ) => void log.push(`apply ${changelogOffsets.get('s')}`),
    },
    committed: () => log.push('committed'),
  } as unknown as StreamTask
  const committer = new Committer({
    applicationId: 'app',
    delivery,
    clock,
    onPublish: () => log.push('publish'),
  })
  return { log, task, committer }
}

test('the state is touched only after the cluster has decided, and with the positions', async () => {
  const { log, task, committer } = scene()
  expect(await committer.commit([task])).toBe('committed')
  expect(log).toEqual([
    'tick',
    'seal',
    'flush',
    'offsets 7',
    'commit',
    'apply 12',
    'committed',
    'publish',
  ])
})

test('a commit that a rebalance delays is asked for again, and sealed only once', async () => {
  const { log, task, committer } = scene(2)
  expect(await committer.commit([task])).toBe('delayed')
  expect(await committer.commit([task])).toBe('delayed')
  expect(log.filter((line) => line.startsWith('apply'))).toEqual([])
  expect(await committer.commit([task])).toBe('committed')
  expect(log.filter((line) => line === 'seal' || line === 'flush')).toEqual(['seal', 'flush'])
  expect(log.slice(-4)).toEqual(['commit', 'apply 12', 'committed', 'publish'])
})

test('a crash before a step leaves that step and all behind it undone', async () => {
  const { log, task } = scene()
  const delivery = { producer: { bufferedBytes: () => 0 }, flush: async () => [] } as never
  const committer = new Committer({
    applicationId: 'app',
    delivery,
    clock,
    onCrashPoint(step) {
      if (step === 'offsets') throw new Error('crash')
    },
  })
  await expect(committer.commit([task])).rejects.toThrow('crash')
  expect(log).toEqual(['tick', 'seal'])
})
