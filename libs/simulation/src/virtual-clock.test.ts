import { describe, expect, test } from 'vitest'
import { VirtualClock } from './virtual-clock.ts'

describe('a virtual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = new VirtualClock({ startAtMs: 5_000 })
    await clock.settle()
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_000, 0])
    await clock.advance(250)
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5_250, 250])
  })

  test('fires timers in order of their moment, those of one moment in order of setting', async () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    for (const [name, delayMs] of [
      ['c', 20],
      ['a', 10],
      ['b', 10],
      ['d', 21],
    ] as const) {
      clock.setTimer(delayMs, () => fired.push(`${name}@${clock.monotonicMs()}`))
    }
    await clock.advance(20)
    expect(fired).toEqual(['a@10', 'b@10', 'c@20'])
    expect(clock.pendingTimers).toBe(1)
  })

  test('lets promises settle before the next timer, and fires what they set on the way', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve))
    const work = async () => {
      await wait(10)
      seen.push('first')
      await wait(10)
      seen.push('second')
    }
    clock.setTimer(15, () => seen.push('between'))
    await clock.run(work())
    expect(seen).toEqual(['first', 'between', 'second'])
    expect(clock.monotonicMs()).toBe(20)
  })

  test('does not fire a cancelled timer', async () => {
    const clock = new VirtualClock()
    let fired = 0
    const cancel = clock.setTimer(10, () => fired++)
    cancel()
    cancel()
    await clock.runUntilIdle()
    expect(fired).toBe(0)
  })

  test('moves the wall alone when the wall jumps', async () => {
    const clock = new VirtualClock({ startAtMs: 0 })
    let fired = false
    clock.setTimer(1_000, () => {
      fired = true
    })
    clock.jumpWall(3_600_000)
    await clock.settle()
    expect([clock.nowMs(), clock.monotonicMs(), fired]).toEqual([3_600_000, 0, false])
    clock.jumpWall(-7_200_000)
    expect(clock.nowMs()).toBe(-3_600_000)
  })

  test('advances to a moment on the wall, and refuses to go back', async () => {
    const clock = new VirtualClock({ startAtMs: 100 })
    await clock.advanceTo(150)
    expect(clock.monotonicMs()).toBe(50)
    await expect(async () => clock.advanceTo(149)).rejects.toThrow('MILLRACE_ERRORS_ASSERTION')
  })

  test('gives up on work that never ends', async () => {
    const clock = new VirtualClock()
    const beat = () => clock.setTimer(1_000, beat)
    beat()
    await expect(clock.run(new Promise(() => {}), 60_000)).rejects.toThrow(
      'MILLRACE_SIMULATION_STUCK',
    )
    await expect(clock.runUntilIdle(60_000)).rejects.toThrow('MILLRACE_SIMULATION_STUCK')
    await expect(clock.runUntil(() => false, 60_000)).rejects.toThrow('MILLRACE_SIMULATION_STUCK')
  })

  test('passes a failure of the work on', async () => {
    const clock = new VirtualClock()
    const work = new Promise((_, reject) => clock.setTimer(5, () => reject(new Error('no'))))
    await expect(clock.run(work)).rejects.toThrow('no')
  })
})
