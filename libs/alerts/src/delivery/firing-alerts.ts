import type { KeyValueStore, ProcessContext, RecordProcessor } from '@millrace/dsl'
import type { Duration } from '@millrace/time'
import type { AlertEvent } from '../alert-event.ts'

/** What a receiver is told at once. */
export interface Notice {
  readonly alerts: readonly AlertEvent[]
  /** Wall clock, ms, where it was told before; null for what is new. */
  readonly repeatedAtMs: number | null
}

/** The firing ones among the alerts of one bucket, by dedupe key. */
export interface FiringBucket {
  readonly [dedupeKey: string]: AlertEvent
}

/** So many rows: all that fires is found again, and what changes with one event is small. */
const buckets = 64
/** A notice stays well below the size of a record. */
const alertsPerNotice = 200

type Context = ProcessContext<
  string | null,
  Notice | null,
  { readonly [name: string]: KeyValueStore<string, FiringBucket> },
  never
>

/** Passes events on, remembers which fire, and tells of these again by the wall clock. */
export function retell(
  { stores, taskId, forward, schedule }: Context,
  storeName: string,
  every: Duration,
): RecordProcessor<string | null, AlertEvent> {
  const store = stores[storeName] as KeyValueStore<string, FiringBucket>
  // One key: what is told of again never overtakes the end of an alert.
  const key = String(taskId.partition)
  schedule({ every, by: 'wall-clock' }, (repeatedAtMs) => {
    const firing = bucketNames.flatMap((bucket) => Object.values(store.get(bucket) ?? {}))
    for (let at = 0; at < firing.length; at += alertsPerNotice) {
      const alerts = firing.slice(at, at + alertsPerNotice)
      forward({ key, value: { alerts, repeatedAtMs }, timestampMs: repeatedAtMs })
    }
  })
  return {
    process({ value: event }) {
      const bucket = bucketOf(event.dedupeKey)
      const { [event.dedupeKey]: _before, ...others } = store.get(bucket) ?? {}
      const isFiring = event.status === 'firing'
      const firing = isFiring ? { ...others, [event.dedupeKey]: event } : others
      if (Object.keys(firing).length > 0) store.put(bucket, firing)
      else store.delete(bucket)
      forward({ key, value: { alerts: [event], repeatedAtMs: null } })
    },
  }
}

const bucketNames = Array.from({ length: buckets }, (_, nth) => String(nth))

function bucketOf(text: string): string {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) % 65_521
  return String(hash % buckets)
}
