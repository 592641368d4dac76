import { readFileSync } from 'node:fs'

/** One flight as the data set has it: times are local to the origin, delay in minutes, distance in miles. */
export interface FlightRow {
  readonly date: string
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

/** One message for the `flights` topic. */
export interface FlightMessage {
  readonly key: string
  /** JSON of a `FlightRow`, or, every `brokenEvery` messages, something that is not. */
  readonly value: string
  /** Event time: the scheduled departure, milliseconds since the epoch. */
  readonly timestampMs: number
  /** When the message is sent, in event time: the estimated landing. */
  readonly landingMs: number
  /** The actual departure, `delay` after the scheduled one. */
  readonly departureMs: number
  readonly isBroken: boolean
}

/** What the estimate of the landing assumes. */
const cruiseMilesPerHour = 460

/** Of so many messages one is broken on purpose. */
const brokenEvery = 500

const brokenValues = [
  '{"date":"2001/02/30',
  '{"delay":"soon"}',
  'not json',
  '[]',
  '{"date":"2001/01/01 00:00"}',
]

/**
 * Real US flights of early 2001 (`vega-datasets`, flights-20k.json) in the order of their estimated
 * landing: departure + delay + distance at 460 mph. A flight is known once it has landed, so event
 * times (departures) arrive really disordered: by hours for a long flight beside a short one.
 */
export function flightMessages(): readonly FlightMessage[] {
  const file = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'))
  const rows = JSON.parse(readFileSync(file, 'utf8')) as FlightRow[]
  const messages = rows.map(toMessage).sort((a, b) => a.landingMs - b.landingMs)
  return messages.flatMap((message, index) =>
    index % brokenEvery === brokenEvery - 1 ? [message, broken(message, index)] : [message],
  )
}

function toMessage(row: FlightRow): FlightMessage {
  const scheduledMs = Date.parse(`${row.date.replaceAll('/', '-').replace(' ', 'T')}:00Z`)
  const flightMs = (row.distance / cruiseMilesPerHour) * 3_600_000
  return {
    key: row.origin,
    value: JSON.stringify(row),
    timestampMs: scheduledMs,
    landingMs: Math.round(scheduledMs + row.delay * 60_000 + flightMs),
    departureMs: scheduledMs + row.delay * 60_000,
    isBroken: false,
  }
}

function broken(message: FlightMessage, index: number): FlightMessage {
  const value = brokenValues[Math.floor(index / brokenEvery) % brokenValues.length] as string
  return { ...message, value, isBroken: true }
}
