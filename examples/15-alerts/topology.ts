// A carrier is told of when more than a third of its flights were late in two windows one after the
// other, and when less than a fifth are; an airport when nothing was heard of it for half an hour.

import { count, json, string, sum, topology, tumbling } from 'millrace'
import { alertRule, alerts } from 'millrace/alerts'

interface Flight {
  readonly origin: string
  readonly delay: number
}

const runbook = 'https://runbooks.example.org/flights'

export default topology((t) => {
  const flights = t.stream('flights', { key: string, value: json<Flight>(), nullValues: 'drop' })
  const perCarrier = flights
    .groupByKey()
    .windowedBy(tumbling({ size: '10m', grace: '1m' }))
    .aggregate({
      name: 'per-carrier',
      of: { flights: count(), late: sum(({ delay }) => (delay > 15 ? 1 : 0)) },
      emit: 'final',
    })
  alerts(
    perCarrier,
    alertRule({
      name: 'many-late',
      severity: 'critical',
      summary: 'Many flights of a carrier leave late.',
      runbook,
      description: ({ key, value }) =>
        `${value.late} of ${value.flights} flights of ${key} left late.`,
      when: ({ value }) => value.late / value.flights > 1 / 3,
      clearWhen: ({ value }) => value.late / value.flights < 1 / 5,
      for: '10m',
    }),
  )
    .mapValues(({ status, description, reason }) => `${status} (${reason}): ${description}`)
    .to('carrier-alerts')

  const perAirport = flights.selectKey(({ origin }) => origin).repartition({ name: 'by-airport' })
  alerts(
    perAirport,
    alertRule({
      name: 'airport-silent',
      severity: 'warning',
      summary: 'Nothing is heard of an airport.',
      runbook,
      absentFor: '30m',
    }),
  )
    .mapValues(({ status, reason }) => `${status} (${reason})`)
    .to('airport-alerts')
})
