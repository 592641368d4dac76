import { json, number, string } from '@millrace/record'
import { session, sliding, tumbling, type Windowed } from '@millrace/time'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  count,
  custom,
  type KStream,
  type KTable,
  max,
  mean,
  type StreamBuilder,
  sum,
  topology,
} from './index.ts'

interface Flight {
  origin: string
  carrier: string | null
  delay: number
  distance?: number
}

const flights = { key: string, value: json<Flight>() }
const dropping = { ...flights, nullValues: 'drop' } as const

test('values may be null until the source drops them or a filter sorts them out', () => {
  expectBuilt((t) => {
    const all = t.stream('a', flights)
    expectTypeOf(all).toEqualTypeOf<KStream<string | null, Flight | null>>()
    expectTypeOf(all.filter((flight) => flight !== null)).toEqualTypeOf<
      KStream<string | null, Flight>
    >()
    const present = t.stream('b', { ...flights, nullValues: 'drop' })
    expectTypeOf(present).toEqualTypeOf<KStream<string | null, Flight>>()
    expectTypeOf(t.stream('c')).toEqualTypeOf<KStream<string | null, unknown>>()
  })
})

test('the output type of a schema goes through to the callbacks', () => {
  const Schema = z.object({ at: z.string().transform(Number) })
  expectBuilt((t) => {
    t.stream('a', { value: json(Schema), nullValues: 'drop' }).mapValues((value) => {
      expectTypeOf(value).toEqualTypeOf<{ at: number }>()
      return value.at
    })
  })
})

test('operators infer keys and values', () => {
  expectBuilt((t) => {
    const stream = t.stream('a', { ...flights, nullValues: 'drop' })
    expectTypeOf(stream.mapValues((flight) => flight.distance)).toEqualTypeOf<
      KStream<string | null, number | null>
    >()
    expectTypeOf(stream.selectKey((flight) => flight.carrier)).toEqualTypeOf<
      KStream<string | null, Flight, 'changed'>
    >()
    expectTypeOf(
      stream.map((flight, key) => ({ key: `${key}!`, value: flight.delay })),
    ).toEqualTypeOf<KStream<`${string}!`, number, 'changed'>>()
    expectTypeOf(stream.flatMapValues((flight) => [flight.origin])).toEqualTypeOf<
      KStream<string | null, string>
    >()
    expectTypeOf(stream.flatMap((flight) => [{ key: flight.origin, value: 1 }])).toEqualTypeOf<
      KStream<string, number, 'changed'>
    >()
    expectTypeOf(stream.merge(stream.mapValues(() => 1))).toEqualTypeOf<
      KStream<string | null, Flight | number>
    >()
  })
})

test('branches have the names they were given, and their guards narrow', () => {
  expectBuilt((t) => {
    const { some, rest } = t
      .stream('a', flights)
      .split({ some: (flight) => flight !== null }, { otherwise: 'rest' })
    expectTypeOf(some).toEqualTypeOf<KStream<string | null, Flight>>()
    expectTypeOf(rest).toEqualTypeOf<KStream<string | null, Flight | null>>()
    // @ts-expect-error there is no such branch
    expect(t.stream('b').split({ one: () => true }).two).toBeUndefined()
  })
})

test('aggregations take values that are not null and say what they give', () => {
  expectBuilt((t) => {
    const grouped = t.stream('a', flights).groupByKey()
    expectTypeOf(grouped.count({ name: 'a' })).toEqualTypeOf<KTable<string, number>>()
    expectTypeOf(
      grouped.reduce((kept, flight) => (flight.delay > 0 ? flight : kept), { name: 'b' }),
    ).toEqualTypeOf<KTable<string, Flight>>()
    expectTypeOf(
      grouped.reduce((kept, flight) => (flight.delay > 0 ? kept : null), { name: 'c' }),
    ).toEqualTypeOf<KTable<string, Flight | null>>()
    expectTypeOf(
      grouped.aggregate({ name: 'd', initial: () => 0, add: (total, { delay }) => total + delay }),
    ).toEqualTypeOf<KTable<string, number>>()
    expectTypeOf(
      grouped.aggregate({
        name: 'e',
        initial: () => ({ sum: 0 }),
        add: (state, flight) => (flight.delay < 0 ? null : state),
        result: (state) => `${state.sum}`,
      }),
    ).toEqualTypeOf<KTable<string, string | null>>()
    expectTypeOf(
      grouped.windowedBy(tumbling({ size: '5m' })).count({ name: 'f', late: 'late' }),
    ).toEqualTypeOf<KTable<Windowed<string>, number>>()
  })
})

test('named aggregates infer their values from the stream and their results from themselves', () => {
  expectBuilt((t) => {
    const table = t
      .stream('a', flights)
      .groupByKey()
      .windowedBy(tumbling({ size: '5m' }))
      .aggregate({
        name: 'a',
        of: {
          flights: count(),
          delay: sum((flight) => flight.delay),
          meanDelay: mean((flight) => flight.delay),
          farthest: max((flight) => flight.distance),
          origins: custom({
            initial: (): string[] => [],
            add: (origins, flight: Flight) => [...origins, flight.origin],
            result: (origins) => origins.length,
          }),
        },
      })
    expectTypeOf(table).toEqualTypeOf<
      KTable<
        Windowed<string>,
        {
          readonly flights: number
          readonly delay: number
          readonly meanDelay: number
          readonly farthest: number | null
          readonly origins: number
        }
      >
    >()
  })
})

test('names are required where state or a repartition needs one', () => {
  expectRefused((t) => {
    // @ts-expect-error a store needs a name
    t.stream('a').groupByKey().count({})
  }, 'MILLRACE_DSL_NAME_REQUIRED')
  expectRefused((t) => {
    // @ts-expect-error a store needs a name
    t.stream('a').groupByKey().count()
  }, 'MILLRACE_DSL_NAME_REQUIRED')
  expectRefused((t) => {
    const rekeyed = t.stream('a', dropping).selectKey((flight) => flight.carrier)
    // @ts-expect-error the keys changed: a repartition is needed, and it needs a name
    rekeyed.groupByKey()
  }, 'MILLRACE_DSL_NAME_REQUIRED')
  expectRefused((t) => {
    // @ts-expect-error a repartition needs a name
    t.stream('a', dropping).groupBy((flight) => flight.carrier, {})
  }, 'MILLRACE_DSL_NAME_REQUIRED')
  expectRefused((t) => {
    const stream = t.stream('a', dropping)
    const rekeyed = stream.selectKey((flight) => flight.carrier)
    // @ts-expect-error one of the merged streams changed its keys
    stream.merge(rekeyed).groupByKey()
  }, 'MILLRACE_DSL_NAME_REQUIRED')
  expectBuilt((t) => {
    // @ts-expect-error keys that did not change need no repartition
    t.stream('a', dropping).groupByKey({ repartition: 'b' })
  })
})

test('keys that are no strings need a serde where they are made', () => {
  expectBuilt((t) => {
    const stream = t.stream('a', dropping)
    // @ts-expect-error keys are numbers
    stream.selectKey((flight) => flight.delay)
    // @ts-expect-error keys are numbers
    stream.groupBy((flight) => flight.delay, { repartition: 'x' })
    // @ts-expect-error the serde is of another type
    stream.selectKey((flight) => flight.delay, { key: string })
    expectTypeOf(stream.selectKey((flight) => flight.delay, { key: number })).toEqualTypeOf<
      KStream<number, Flight, 'changed'>
    >()
    expectTypeOf(
      stream
        .groupBy((flight) => flight.delay, { repartition: 'y', key: number })
        .count({ name: 'z' }),
    ).toEqualTypeOf<KTable<number, number>>()
  })
})

/** What the compiler accepts here can be built, too. */
test('sessions need a way to put two aggregates together; their results can be taken back', () => {
  expectBuilt((t) => {
    const sessions = t
      .stream('a', dropping)
      .groupByKey()
      .windowedBy(session({ gap: '5m' }))
    expectTypeOf(sessions.count({ name: 'counts' })).toEqualTypeOf<
      KTable<Windowed<string>, number | null>
    >()
    const delays = sessions.aggregate({
      name: 'delays',
      initial: () => 0,
      add: (sum, { delay }) => sum + delay,
      merge: (earlier, later) => earlier + later,
      emit: 'final',
    })
    expectTypeOf(delays).toEqualTypeOf<KTable<Windowed<string>, number | null>>()
  })
  expectRefused((t) => {
    const sessions = t
      .stream('a', dropping)
      .groupByKey()
      .windowedBy(session({ gap: '5m' }))
    // @ts-expect-error without merge
    sessions.aggregate({ name: 'x', initial: () => 0, add: (sum: number) => sum + 1 })
  }, 'MILLRACE_DSL_INVALID')
})

test('windows that slide are aggregated as those that do not', () => {
  expectBuilt((t) => {
    const near = t
      .stream('a', dropping)
      .groupByKey()
      .windowedBy(sliding({ timeDifference: '5m' }))
    expectTypeOf(near.count({ name: 'counts', emit: { early: '10s', final: true } })).toEqualTypeOf<
      KTable<Windowed<string>, number>
    >()
  })
})

function expectBuilt(define: (t: StreamBuilder) => void): void {
  expect(() => topology(define)).not.toThrow()
}

/** What the compiler refuses is refused in plain JavaScript, too. */
function expectRefused(define: (t: StreamBuilder) => void, code: string): void {
  expect(() => topology(define)).toThrow(expect.objectContaining({ code }))
}
