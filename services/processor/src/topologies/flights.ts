import { count, hopping, json, mean, string, topology, tumbling } from 'millrace'
import { z } from 'zod'

/** One landed flight: times are local to the origin, delay in minutes, distance in miles. */
const Flight = z.object({
  date: z.string(),
  delay: z.number(),
  distance: z.number().nonnegative(),
  origin: z.string().length(3),
  destination: z.string().length(3),
})

/**
 * How late flights leave each airport: in every quarter of an hour, and in every hour that begins on
 * a quarter. A flight is known when it has landed, up to hours after its departure (the event time):
 * four hours of grace keep all but a few from being late, and those go to `flights-late`.
 */
export default topology((t) => {
  const byOrigin = t
    .stream('flights', { key: string, value: json(Flight), nullValues: 'drop' })
    // A delay of more than a day is a wrong date, not a delay.
    .filter((flight) => Math.abs(flight.delay) < 24 * 60, { name: 'plausible' })
    .groupByKey()

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
})
