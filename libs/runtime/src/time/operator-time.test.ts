import { expect, test } from 'vitest'
import { StoredTime, type TimeKeeper } from './operator-time.ts'
import { UpstreamTime } from './upstream-time.ts'

function keeper(): TimeKeeper & { readonly writes: number } {
  const values = new Map<string, Buffer>()
  let writes = 0
  return {
    get writes() {
      return writes
    },
    meta: (name) => values.get(name),
    setMeta(name, value) {
      writes++
      values.set(name, value)
    },
  }
}

test('fed by source topics it is the largest timestamp, and survives', () => {
  const store = keeper()
  const time = new StoredTime(store, null)
  expect(time.streamTimeMs).toBe(-1)
  expect([5, 3, 9].map((at) => time.observe(at))).toEqual([5, 5, 9])
  time.save()
  time.save()
  expect(store.writes).toBe(1)
  expect(new StoredTime(store, null).streamTimeMs).toBe(9)
})

test('fed by several upstream tasks it is their minimum, whatever the record says, and never goes back', () => {
  const task = (partition: number) => ({ topic: 'r', taskId: { subTopology: 0, partition } })
  const upstream = new UpstreamTime([task(0), task(1)])
  const store = keeper()
  const time = new StoredTime(store, upstream)
  upstream.update(0, 100, false)
  expect(time.observe(100)).toBe(-1)
  upstream.update(1, 40, false)
  expect(time.observe(100)).toBe(40)
  time.save()
  // After a restart nothing was heard yet.
  const later = new StoredTime(store, new UpstreamTime([task(0), task(1)]))
  expect(later.observe(7)).toBe(40)
})
