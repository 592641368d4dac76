import { silentLogger, Whereabouts } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { Watchdog } from './watchdog.ts'

interface Line {
  readonly message: string
  readonly fields: { readonly [name: string]: unknown }
}

function watching(stack: readonly string[] | null = ['loop (file:///t.ts:3)']) {
  const lines: Line[] = []
  const error = (fields: object, text: string): void => {
    lines.push({ message: text, fields: { ...fields } })
  }
  let nowMs = 0
  const blocked: number[] = []
  const watchdog = new Watchdog({
    afterMs: 10_000,
    nowMs: () => nowMs,
    logger: { ...silentLogger, error },
    onBlocked: (_thread, seconds) => blocked.push(seconds),
    stackOf: async () => stack,
  })
  watchdog.close()
  const pass = async (durationMs: number): Promise<void> => {
    for (let passed = 0; passed < durationMs; passed += 500) {
      nowMs += 500
      await watchdog.check()
    }
  }
  const jump = async (durationMs: number): Promise<void> => {
    nowMs += durationMs
    await watchdog.check()
  }
  const watched = watchdog.watch(1, 'worker-1')
  watched.beat()
  return { watched, lines, blocked, pass, jump }
}

test('a thread that turns is never reported, however long it lives', async () => {
  const { watched, lines, blocked, pass } = watching()
  for (let n = 0; n < 100; n++) {
    await pass(1_000)
    watched.beat()
  }
  expect(lines).toEqual([])
  expect(Math.max(...blocked)).toBe(0)
})

test('a thread that does not turn is reported with the record, the operator and the stack', async () => {
  const { watched, lines, blocked, pass } = watching()
  const whereabouts = new Whereabouts((name) => watched.learn(name))
  watched.reads(whereabouts.buffer)
  whereabouts.enterRecord(whereabouts.sourceId('orders', 3), 41, whereabouts.operatorId('source'))
  whereabouts.enterOperator(whereabouts.operatorId('sums'))
  await pass(9_500)
  expect(lines).toEqual([])
  await pass(500)
  expect(lines).toHaveLength(1)
  expect(lines[0]?.fields).toEqual({
    thread: 1,
    blockedMs: 10_000,
    operator: 'sums',
    topic: 'orders',
    partition: 3,
    offset: 41,
    stack: ['loop (file:///t.ts:3)'],
  })
  expect(lines[0]?.message).toContain('millrace skip orders:3:41')
  expect(blocked.at(-1)).toBe(10)
})

test('it is reported again after 20, 40, 80 s, and anew when it has turned meanwhile', async () => {
  const { watched, lines, pass } = watching()
  await pass(100_000)
  expect(lines.map(({ fields }) => fields['blockedMs'])).toEqual([10_000, 20_000, 40_000, 80_000])
  watched.beat()
  await pass(10_000)
  expect(lines.at(-1)?.fields['blockedMs']).toBe(10_000)
})

test('a process that was stopped as a whole blames none of its threads', async () => {
  const { lines, jump } = watching()
  await jump(3_600_000)
  expect(lines).toEqual([])
})

test('without a stack the report says so', async () => {
  const { lines, pass } = watching(null)
  await pass(10_000)
  expect(lines[0]?.message).toContain('its stack cannot be had')
})
