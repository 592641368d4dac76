import { json, type KStream, string, topology, withHeader } from 'millrace'
import { type AlertEvent, alertRule, alerts } from 'millrace/alerts'
import { createTestDriver, type TestDriverOptions } from 'millrace/testing'
import { describe, expect, test } from 'vitest'
import { feed, named, type Options, type Reading, said, whenHot } from './alert-fixture.ts'

/** A rule over readings, with the readings as they come. */
function readings(options: Options, driver: TestDriverOptions = {}) {
  const program = topology((t) => {
    const stream = t.stream('in', { key: string, value: json<number>(), nullValues: 'keep' })
    alerts(stream as KStream<string, number>, alertRule({ ...named, ...options } as never)).to(
      'out',
    )
  })
  return createTestDriver(program, driver)
}

async function told(options: Options, ...all: readonly Reading[]): Promise<readonly string[]> {
  await using driver = await readings(options)
  await feed(driver, ...all)
  return said(driver)
}

describe('a condition', () => {
  test('fires and ends with the values', async () => {
    const events = await told(whenHot, [0, 80], [5, 95], [6, 99], [9, 90], [10, 91])
    expect(events).toEqual([
      'hot/k fires at 5, since 5: condition',
      'hot/k ends at 9: cleared',
      'hot/k fires at 10, since 10: condition',
    ])
  })

  test('fires when it has held for as long as it must, though no record of the key comes', async () => {
    // k  0 hot ------------------> 10
    // x            4          12
    const rule = { ...whenHot, for: 10 } as Options
    const events = await told(rule, [0, 95], [4, 0, 'x'], [12, 0, 'x'])
    expect(events).toEqual(['hot/k fires at 10, since 0: condition'])
  })

  test('that does not hold at the end of its time has not held for it', async () => {
    const rule = { ...whenHot, for: 10 } as Options
    expect(await told(rule, [0, 95], [10, 80], [30, 0, 'x'])).toEqual([])
    expect(await told(rule, [0, 95], [5, 80], [6, 95], [12, 0, 'x'])).toEqual([])
  })

  test('held before a value that comes after its time', async () => {
    const events = await told({ ...whenHot, for: 10 }, [0, 95], [11, 80])
    expect(events).toEqual(['hot/k fires at 10, since 0: condition', 'hot/k ends at 11: cleared'])
  })

  test('clears at a threshold of its own', async () => {
    const rule = { ...whenHot, clearWhen: ({ value }) => value < 70 } as Options
    const events = await told(rule, [0, 95], [1, 80], [2, 95], [3, 69], [4, 80])
    expect(events).toEqual(['hot/k fires at 0, since 0: condition', 'hot/k ends at 3: cleared'])
  })

  test('keeps firing through what would flap', async () => {
    const rule = { ...whenHot, keepFiringFor: 10 } as Options
    const readingsOf = [
      [0, 95],
      [1, 80],
      [9, 95],
      [10, 80],
      [19, 80],
      [25, 0, 'x'],
    ] as const
    const events = await told(rule, ...readingsOf)
    expect(events).toEqual(['hot/k fires at 0, since 0: condition', 'hot/k ends at 20: cleared'])
  })

  test('is each key’s own, and those with one dedupe key are one alert', async () => {
    const both: readonly Reading[] = [
      [0, 95, 'a'],
      [1, 95, 'b'],
      [2, 80, 'a'],
    ]
    expect(await told(whenHot, ...both)).toEqual([
      'hot/a fires at 0, since 0: condition',
      'hot/b fires at 1, since 1: condition',
      'hot/a ends at 2: cleared',
    ])
    expect(await told({ ...whenHot, dedupeKey: () => 'all' }, ...both)).toEqual([
      'hot/all fires at 0, since 0: condition',
      'hot/all ends at 2: cleared',
    ])
  })

  test('ends with the row that it is about', async () => {
    const events = await told({ ...whenHot, for: 5 }, [0, 95], [6, 96], [7, null])
    expect(events).toEqual(['hot/k fires at 5, since 0: condition', 'hot/k ends at 7: deleted'])
  })

  test('fires on in silence, until forgotten where that is asked for', async () => {
    expect(await told(whenHot, [0, 95], [900_000_000, 0, 'x'])).toHaveLength(1)
    const events = await told({ ...whenHot, forgetAfter: 50 }, [0, 95], [60, 0, 'x'])
    expect(events.at(-1)).toBe('hot/k ends at 50: forgotten')
  })

  test('may be one on how a measure has moved', async () => {
    const rule: Options = {
      when: ({ change }) => change !== undefined && change.ratio > 1.5,
      compare: { over: 10, of: (value) => value },
    }
    const events = await told(rule, [0, 10], [5, 40], [9, 10], [10, 16], [15, 50], [21, 11])
    // At 10 compared with 10 at 0; at 15 with 40 at 5; at 21 with 16 at 10.
    expect(events).toEqual(['hot/k fires at 10, since 10: condition', 'hot/k ends at 15: cleared'])
  })
})

describe('an absence', () => {
  const rule: Options = { absentFor: 10, keepFiringFor: 5, forgetAfter: 100 }

  test('fires where a key that had values has none, and clears when they come again', async () => {
    await using driver = await readings(rule)
    await feed(driver, [0, 1], [5, 1], [14, 1, 'x'])
    expect(said(driver)).toEqual([])
    await feed(driver, [16, 1, 'x'], [17, 1], [21, 1], [23, 1])
    expect(said(driver)).toEqual([
      'hot/k fires at 15, since 5: absent',
      'hot/k ends at 22: cleared',
    ])
  })

  test('goes on where the values stop again before it has cleared', async () => {
    const events = await told(
      { ...rule, keepFiringFor: 20 },
      [0, 1],
      [11, 1, 'x'],
      [12, 1],
      [50, 1, 'x'],
    )
    expect(events).toContain('hot/k fires at 10, since 0: absent')
    expect(events.filter((it) => it.startsWith('hot/k '))).toHaveLength(1)
  })

  test('of what is gone for good is forgotten', async () => {
    const events = await told(rule, [0, 1], [111, 1, 'x'])
    expect(events).toEqual(['hot/k fires at 10, since 0: absent', 'hot/k ends at 110: forgotten'])
  })
})

describe('a rule that throws', () => {
  const rule: Options = {
    when: ({ value }) => {
      if (value === 13) throw new Error('unlucky')
      return value > 90
    },
  }

  test('is an alert, once; the others go on, and the record is counted', async () => {
    await using driver = await readings(rule)
    await feed(driver, [0, 13], [1, 13, 'b'], [2, 95])
    expect(said(driver)).toEqual([
      'hot/failed-rule/0 fires at 0, since 0: rule-failed',
      'hot/k fires at 2, since 2: condition',
    ])
    expect(driver.dropped()).toEqual({ hot: { 'failed-rule': 2 } })
    await feed(driver, [600_001, 95])
    expect(said(driver)).toEqual(['hot/failed-rule/0 ends at 600001: cleared'])
  })

  test('says which, for which key and why', async () => {
    await using driver = await readings(rule)
    await feed(driver, [0, 13])
    const [event] = driver.output<string, AlertEvent>('out').readAll()
    expect(event?.value?.description).toBe(`The alert rule 'hot' threw for the key "k": unlucky`)
    expect(event?.value?.labels).toEqual({ failed: 'rule' })
  })
})

describe('a function behind the events that throws', () => {
  function failing(options: Options) {
    const program = topology((t) => {
      const stream = t.stream('in', { key: string, value: json<number>(), nullValues: 'drop' })
      alerts(stream, alertRule({ ...named, ...options } as never))
        .mapValues(({ status }) => {
          if (status === 'firing') throw new Error('not told')
          return status
        })
        .to('out')
    })
    return createTestDriver(program, { deadLetterTopic: 'dead' })
  }

  test('is no fault of the rule: the record that let the event go fails', async () => {
    await using driver = await failing(whenHot)
    await feed(driver, [0, 95], [1, 95])
    expect(driver.deadLetters().map(({ offset }) => offset)).toEqual([0, 1])
    expect(driver.dropped()).toEqual({})
  })

  test('nor of the record that time moved with: the event fails alone', async () => {
    await using driver = await failing({ ...whenHot, for: 10 })
    await feed(driver, [0, 95], [12, 0, 'x'], [13, 20])
    expect(driver.deadLetters()).toHaveLength(1)
    expect(driver.output('out').readAll()).toHaveLength(1)
    expect(driver.dropped()['hot']?.['failed-rule']).toBeUndefined()
  })
})

test('a rule that throws leaves what time has done before', async () => {
  const rule: Options = {
    when: ({ value }) => {
      if (value === 13) throw new Error('unlucky')
      return value > 90
    },
    clearWhen: ({ value }) => {
      if (value === 13) throw new Error('unlucky')
      return value < 50
    },
    for: 10,
  }
  await using driver = await readings(rule)
  // The ten are over at 10; the value at 15 cannot be judged; the alert fires all the same, and on.
  await feed(driver, [0, 95], [15, 13])
  await driver.crash()
  await driver.resume()
  await feed(driver, [20, 40])
  expect(said(driver).filter((it) => it.startsWith('hot/k'))).toEqual([
    'hot/k fires at 10, since 0: condition',
    'hot/k ends at 20: cleared',
  ])
})

test('an absence whose texts cannot be made says nothing of the key', async () => {
  const rule: Options = {
    absentFor: 10,
    labels: ({ value }) => {
      if (value === 13) throw new Error('unlucky')
      return {}
    },
  }
  await using driver = await readings(rule)
  await feed(driver, [50, 13], [70, 1, 'x'])
  expect(said(driver)).toEqual(['hot/failed-rule/0 fires at 50, since 50: rule-failed'])
})

test('no two firings have one name', async () => {
  await using driver = await readings(whenHot)
  // Twice at 5, and once more when time was at 5 but its row had been let go.
  await feed(driver, [5, 95], [5, 80], [5, 95], [5, 80], [20, 0, 'x'], [5, 95], [5, 80])
  const events = driver.output<string, AlertEvent>('out').readAll()
  expect(events.map(({ value }) => value?.id)).toEqual([
    'hot/k@5/firing',
    'hot/k@5/resolved',
    'hot/k@5#1/firing',
    'hot/k@5#1/resolved',
    'hot/k@5+15/firing',
    'hot/k@5+15/resolved',
  ])
})

test('silence of the whole stream ends it too: a heartbeat moves time', async () => {
  const program = topology((t) => {
    const stream = t.stream('in', { value: json<number>(), nullValues: 'drop', heartbeats: true })
    alerts(stream, alertRule({ ...named, absentFor: 10 })).to('out')
  })
  await using driver = await createTestDriver(program)
  await feed(driver, [0, 1])
  const headers = withHeader([], 'millrace.heartbeat', '1')
  await driver.input('in').pipe(null, null, { timestampMs: 30, headers })
  expect(said(driver)).toEqual(['hot/k fires at 10, since 0: absent'])
})
