import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Timer, TimerHeap } from './timer-heap.ts'

test('timers leave in order of moment and setting, without the cancelled ones', () => {
  const step = fc.record({ atMs: fc.integer({ min: 0, max: 50 }), cancels: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const heap = new TimerHeap()
      const live: Timer[] = []
      for (const { atMs, cancels } of steps) {
        const timer = heap.add(atMs, () => {})
        if (cancels) heap.cancel(timer)
        else live.push(timer)
      }
      expect(heap.size).toBe(live.length)
      const expected = live.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)
      const left: Timer[] = []
      for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) left.push(timer)
      expect(left).toEqual(expected)
      expect(heap.size).toBe(0)
    }),
  )
})
