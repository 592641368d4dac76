// An alert over random readings, against the rule told tick by tick, wherever the process dies.

import fc from 'fast-check'
import { json, string, topology } from 'millrace'
import { type AlertEvent, alertRule, alerts } from 'millrace/alerts'
import { createTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

interface Spec {
  readonly forMs: number
  readonly keepMs: number
}

interface Reading {
  readonly key: string
  readonly value: number
  readonly stepMs: number
  readonly next: 'nothing' | 'commit' | 'crash'
}

const fires = 2
const clears = 0

/** What is to be said of one key: every millisecond is lived through. */
function expected(readings: readonly Reading[], key: string, { forMs, keepMs }: Spec): string[] {
  const said: string[] = []
  let [nowMs, atMs] = [-1, 0]
  let holdsSince: number | null = null
  let clearsSince: number | null = null
  let isFiring = false
  const tick = (): void => {
    if (!isFiring && holdsSince !== null && nowMs >= holdsSince + forMs) {
      isFiring = true
      said.push(`firing ${holdsSince} ${nowMs}`)
    }
    if (isFiring && clearsSince !== null && nowMs >= clearsSince + keepMs) {
      isFiring = false
      said.push(`resolved ${nowMs}`)
      ;[holdsSince, clearsSince] = [null, null]
    }
  }
  for (const reading of readings) {
    atMs += reading.stepMs
    while (nowMs < atMs - 1) {
      nowMs++
      tick()
    }
    nowMs = atMs
    if (reading.key === key) {
      const { value } = reading
      if (isFiring) clearsSince = value <= clears ? (clearsSince ?? atMs) : null
      else holdsSince = value >= fires ? (holdsSince ?? atMs) : null
    }
    tick()
  }
  return said
}

async function run(
  readings: readonly Reading[],
  { forMs, keepMs }: Spec,
  { everyIdOnce }: { readonly everyIdOnce?: boolean } = {},
) {
  const program = topology((t) => {
    const rule = alertRule<string, number>({
      name: 'hot',
      severity: 'info',
      summary: 'It is hot.',
      runbook: 'https://example.org/hot',
      when: ({ value }) => value >= fires,
      clearWhen: ({ value }) => value <= clears,
      for: forMs,
      keepFiringFor: keepMs,
    })
    alerts(t.stream('in', { key: string, value: json<number>(), nullValues: 'drop' }), rule).to(
      'out',
    )
  })
  await using driver = await createTestDriver(program, { commitAfterEachRecord: false })
  let timestampMs = 0
  for (const { key, value, stepMs, next } of readings) {
    timestampMs = Math.max(0, timestampMs + stepMs)
    await driver.input('in').pipe(key, value, { timestampMs })
    if (next === 'commit') await driver.commit()
    if (next === 'crash') {
      await driver.crash()
      await driver.resume()
    }
  }
  await driver.commit()
  const said = new Map<string, string[]>([
    ['a', []],
    ['b', []],
  ])
  const ids = new Set<string>()
  for (const { value } of driver.output<string, AlertEvent>('out').readAll()) {
    if (value === null) throw new Error('an event is never null')
    // The driver sends again what it had not committed when it died (at least once), under the same name.
    if (ids.has(value.id) && everyIdOnce) throw new Error(`${value.id} is there twice`)
    if (ids.has(value.id)) continue
    ids.add(value.id)
    const { dedupeKey, status, sinceMs, firedAtMs, resolvedAtMs } = value
    const times = status === 'firing' ? `${sinceMs} ${firedAtMs}` : `${resolvedAtMs}`
    said.get(dedupeKey.slice('hot/'.length))?.push(`${status} ${times}`)
  }
  return said
}

const specs = fc.record({ forMs: fc.constantFrom(0, 3, 10), keepMs: fc.constantFrom(0, 3, 10) })

function readingsWith(...stepsMs: readonly number[]): fc.Arbitrary<Reading[]> {
  const reading = fc.record({
    key: fc.constantFrom('a', 'b'),
    value: fc.integer({ min: 0, max: 3 }),
    stepMs: fc.constantFrom(...stepsMs),
    next: fc.constantFrom<Reading['next'][]>('nothing', 'nothing', 'nothing', 'commit', 'crash'),
  })
  return fc.array(reading, { maxLength: 40 })
}

test('says what the rule says, once, wherever the process commits and dies', async () => {
  await fc.assert(
    fc.asyncProperty(readingsWith(0, 1, 2, 5, 9), specs, async (input, spec) => {
      const said = await run(input, spec)
      for (const key of ['a', 'b']) expect(said.get(key)).toEqual(expected(input, key, spec))
    }),
    { numRuns: 150 },
  )
})

test('of readings out of order too: a death changes nothing, and no two things have one name', async () => {
  await fc.assert(
    fc.asyncProperty(readingsWith(0, 1, 5, -1, -4, 12), specs, async (input, spec) => {
      const undisturbed = input.map((reading) => ({ ...reading, next: 'nothing' as const }))
      const wanted = await run(undisturbed, spec, { everyIdOnce: true })
      expect(await run(input, spec)).toEqual(wanted)
    }),
    { numRuns: 150 },
  )
})
