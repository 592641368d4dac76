import {
  count,
  hopping,
  json,
  mean,
  type StreamBuilder,
  session,
  string,
  topology,
  tumbling,
} from 'millrace'
import { z } from 'zod'

/** One landed flight: times are local to the origin, delay in minutes, distance in miles. */
const Flight = z.object({
  date: z.string(),
  delay: z.number(),
  distance: z.number().nonnegative(),
  origin: z.string().length(3),
  destination: z.string().length(3),
})

/** A take-off or a landing, told when it happens; the key is the flight. */
const Movement = z.object({
  kind: z.enum(['departed', 'landed']),
  origin: z.string(),
  destination: z.string(),
  atMs: z.number(),
})

const Airport = z.object({ name: z.string(), city: z.string(), state: z.string() })

/**
 * How late flights leave each airport: in every quarter of an hour, and in every hour that begins on
 * a quarter. A flight is known when it has landed, up to hours after its departure (the event time):
 * four hours of grace keep all but a few from being late, and those go to `flights-late`. Besides:
 * when an airport is busy, how many flights each gets a day, and how long each flight was in the air.
 */
export default topology((t) => {
  const flights = t
    .stream('flights', { key: string, value: json(Flight), nullValues: 'drop' })
    // A delay of more than a day is a wrong date, not a delay.
    .filter((flight) => Math.abs(flight.delay) < 24 * 60, { name: 'plausible' })
  const byOrigin = flights.groupByKey()

  const statistics = {
    flights: count(),
    meanDelay: mean((flight: z.infer<typeof Flight>) => flight.delay),
    lateShare: mean((flight: z.infer<typeof Flight>) => (flight.delay > 15 ? 1 : 0)),
  }

  byOrigin
    .windowedBy(tumbling({ size: '15m', grace: '4h' }))
    .aggregate({ name: 'delays-15m', of: statistics, late: 'flights-late' })
    .toStream()
    .to('delays-15m')

  byOrigin
    .windowedBy(hopping({ size: '1h', advance: '15m', grace: '4h' }))
    .aggregate({ name: 'delays-1h', of: statistics })
    .toStream()
    .to('delays-1h')

  // Departures less than an hour apart belong together.
  byOrigin
    .windowedBy(session({ gap: '1h', grace: '4h' }))
    .count({ name: 'busy-periods' })
    .to('busy-periods')

  // Of every partition of `flights`, the slowest included: time is the least of theirs behind the
  // repartition, so that a partition that comes days late makes nothing late.
  flights
    .groupBy((flight) => flight.destination, { repartition: 'by-destination' })
    .windowedBy(tumbling({ size: '1d', grace: '2d' }))
    .count({ name: 'arrivals-1d', late: 'arrivals-late' })
    .to('arrivals-1d')

  journeys(t)
})

/** Take-offs with their landings, and where they began. */
function journeys(t: StreamBuilder): void {
  const airports = t.globalTable('airports', { name: 'airports', value: json(Airport) })
  const movements = t.stream('movements', {
    key: string,
    value: json(Movement),
    nullValues: 'drop',
  })
  const departures = movements.filter(({ kind }) => kind === 'departed', { name: 'departures' })
  const landings = movements.filter(({ kind }) => kind === 'landed', { name: 'landings' })
  departures
    .leftJoin(
      landings,
      ({ origin, destination, atMs }, landing) => ({
        origin,
        destination,
        minutes: landing === null ? null : (landing.atMs - atMs) / 60_000,
      }),
      { name: 'journeys', before: 0, after: '12h', grace: '1h' },
    )
    .leftJoin(airports, (journey, airport) => ({ ...journey, from: airport?.city ?? null }), {
      on: ({ origin }) => origin,
    })
    .to('journeys')
}
