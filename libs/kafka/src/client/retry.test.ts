import { MillraceError } from '@millrace/errors'
import { describe, expect, test } from 'vitest'
import { Closing } from './closing.ts'
import { ManualClock } from './group/testing/manual-clock.ts'
import { backoffMs, retry } from './retry.ts'
import { rejection } from './testing/rejection.ts'
import { connectionLost } from './testing/scripted-transport.ts'

function retrying(timeoutMs: number, attempt: () => Promise<string>) {
  const clock = new ManualClock()
  const closing = new Closing()
  return { clock, closing, result: retry({ clock, closing, timeoutMs }, attempt) }
}

describe('a retry', () => {
  test('waits 20 ms at first and a second at most', () => {
    expect([1, 2, 3, 6, 7, 1_000].map(backoffMs)).toEqual([20, 40, 80, 640, 1_000, 1_000])
  })

  test('repeats what passes', async () => {
    let attempts = 0
    const { clock, result } = retrying(1_000, async () => {
      if (++attempts < 3) throw connectionLost()
      return 'done'
    })
    await clock.advance(59)
    expect(attempts).toBe(2)
    await clock.advance(1)
    expect(await result).toBe('done')
  })

  test('throws what does not pass at once; an abortable transaction does not', async () => {
    for (const code of ['MILLRACE_KAFKA_AUTHORIZATION', 'MILLRACE_KAFKA_ABORTABLE'] as const) {
      let attempts = 0
      const { result } = retrying(1_000, async () => {
        attempts++
        throw new MillraceError(code, { message: 'no' })
      })
      await expect(result).rejects.toMatchObject({ code })
      expect(attempts).toBe(1)
    }
  })

  test('throws the last error when the next attempt would come too late', async () => {
    let attempts = 0
    const { clock, result } = retrying(100, async () => {
      throw new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: `attempt ${++attempts}` })
    })
    const failed = rejection(result)
    await clock.advance(100)
    expect((await failed).message).toContain('attempt 3')
    expect(clock.monotonicMs()).toBe(100)
    expect(clock.pendingTimers).toBe(0)
  })

  test('ends with the close of the client, without waiting', async () => {
    const { clock, closing, result } = retrying(1_000, async () => {
      throw connectionLost()
    })
    const failed = rejection(result)
    await clock.advance(1)
    closing.close()
    expect(await failed).toMatchObject({ code: 'MILLRACE_KAFKA_CLOSED' })
    expect(clock.pendingTimers).toBe(0)
  })
})
