import { partitionFor } from '@millrace/record'
import { flightMessages } from './flights.ts'
import { demoTopics, inputPartitions } from './topics.ts'

/** A record of the feed. */
export interface DemoMessage {
  readonly topic: string
  readonly key: string
  readonly value: string
  readonly timestampMs: number
  /** When it is sent, in event time. */
  readonly sentMs: number
}

/** Of so many flights one lands without a word. */
const unheardEvery = 97

/** A partition of `flights` whose records come later than all others, as from a reader that lags. */
export const delayedPartition = 2

/** How far the delayed partition is behind, in event time: a day, or all the way at full speed. */
export function delayOf(hoursPerSecond: number): number {
  return Number.isFinite(hoursPerSecond) ? 24 * 3_600_000 : Number.POSITIVE_INFINITY
}

/**
 * All that is fed, in the order in which it is sent: flights when they have landed, take-offs and
 * landings when they happen. The delayed partition's flights come `delayMs` of event time later;
 * Infinity: after everything else.
 */
export function demoMessages(delayMs: number): readonly DemoMessage[] {
  const messages = [...flightRecords(delayMs), ...movementRecords()]
  // Infinity minus Infinity is no order; those records are in theirs already.
  return messages.sort((a, b) => (a.sentMs === b.sentMs ? 0 : a.sentMs - b.sentMs))
}

function flightRecords(delayMs: number): readonly DemoMessage[] {
  return flightMessages().map(({ key, value, timestampMs, landingMs }) => {
    const isDelayed = partitionFor(Buffer.from(key), inputPartitions) === delayedPartition
    const sentMs = isDelayed ? landingMs + delayMs : landingMs
    return { topic: demoTopics.input, key, value, timestampMs, sentMs }
  })
}

function movementRecords(): readonly DemoMessage[] {
  const flights = flightMessages().filter(({ isBroken }) => !isBroken)
  return flights.flatMap(({ value, departureMs, landingMs }, nth) => {
    const { origin, destination } = JSON.parse(value) as { origin: string; destination: string }
    const movement = (kind: 'departed' | 'landed', atMs: number): DemoMessage => ({
      topic: demoTopics.movements,
      key: `flight-${nth}`,
      value: JSON.stringify({ kind, origin, destination, atMs }),
      timestampMs: atMs,
      sentMs: atMs,
    })
    const departure = movement('departed', departureMs)
    return nth % unheardEvery === unheardEvery - 1
      ? [departure]
      : [departure, movement('landed', landingMs)]
  })
}
