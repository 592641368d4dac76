import { bytes } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TaskFixture } from '../../task-fixture.ts'
import { subscriberPageSerde } from './subscriber-page.ts'
import { Subscribers } from './subscribers.ts'

const store = {
  name: 'subscribers',
  kind: 'key-value',
  keySerde: bytes as never,
  valueSerde: subscriberPageSerde as never,
  version: 1,
  why: 'test',
} as const

const step = fc.record({
  foreignKey: fc.constantFrom('f', 'ff'),
  // A run of neighbours at once, so that pages fill and double.
  from: fc.nat(900),
  count: fc.integer({ min: 1, max: 400 }),
  isSubscribed: fc.boolean(),
  next: fc.constantFrom('none', 'commit', 'restart'),
})

test('a foreign key has its subscribers, in the order of their bytes, through restarts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const task = await TaskFixture.open([store])
      const model = new Map([
        ['f', new Set<string>()],
        ['ff', new Set<string>()],
      ])
      let subscribers = new Subscribers(task.context.store('subscribers'))
      for (const { foreignKey, from, count, isSubscribed, next } of steps) {
        for (let nth = from; nth < from + count; nth++) {
          const [key, primary] = [Buffer.from(foreignKey), Buffer.from(`p${nth}`)]
          if (isSubscribed) subscribers.add(key, primary)
          else subscribers.remove(key, primary)
          if (isSubscribed) model.get(foreignKey)?.add(`p${nth}`)
          else model.get(foreignKey)?.delete(`p${nth}`)
        }
        if (next !== 'none') await task.commit()
        if (next === 'restart') {
          await task.restart()
          subscribers = new Subscribers(task.context.store('subscribers'))
        }
        for (const [key, expected] of model) {
          const found = subscribers.of(Buffer.from(key)).map(String)
          expect(found).toEqual([...expected].toSorted())
        }
      }
      for (const [key, keys] of model) {
        for (const primary of keys) subscribers.remove(Buffer.from(key), Buffer.from(primary))
      }
      await task.commit()
      expect(await task.storedRows()).toBe(0)
    }),
    { numRuns: 40 },
  )
})
