import { MillraceError } from '@millrace/errors'
import { Dedupe, type DedupeId, type OfRecord } from '@millrace/operators'
import { bytes, internalSerde, number, type Serde } from '@millrace/record'
import { type Duration, parseDuration } from '@millrace/time'
import { groupingRepartition } from './draft/grouping-repartition.ts'
import { requiredName } from './draft/required-name.ts'
import type { StreamPart } from './draft/stream-part.ts'
import type { RepartitionOptions } from './options.ts'

export interface DedupeOptions<K, V> {
  /**
   * Names the store, its changelog `<app>-<name>-changelog` and the node. Required: the state is
   * found under it again after a release.
   */
  readonly name: string
  /** Event time around a record that has passed in which others are its duplicates. */
  readonly within: Duration
  /** What tells records of one key apart; left out, the key is all. */
  readonly id?: OfRecord<NonNullable<K>, V, DedupeId>
  /** How long behind stream time records are still taken. Default 0. */
  readonly grace?: Duration
  /** Topic for late records: key, value and headers as they were, and why they were late. */
  readonly late?: string
  /** Raise it where a changed `id` makes old rows wrong. */
  readonly version?: number
}

export type RekeyedDedupeOptions<K, V> = DedupeOptions<K, V> & RepartitionOptions

/** Adds the store and the node, and a repartition where the keys were changed. */
export function dedupePart<K, V>(
  part: StreamPart<K, V>,
  options: DedupeOptions<K, V> & Partial<RepartitionOptions>,
): StreamPart<NonNullable<K>, V> {
  const name = requiredName(options?.name, 'dedupe()')
  const by = groupingRepartition(part, options as RepartitionOptions, 'dedupe')
  const { draft, from, key, value } = by?.forAggregation(name) ?? part
  const withinMs = parseDuration(options.within, `within of dedupe '${name}'`)
  const graceMs = parseDuration(options.grace ?? 0, `grace of dedupe '${name}'`)
  if (withinMs === 0) {
    throw new MillraceError('MILLRACE_TIME_WINDOW_INVALID', {
      message: `dedupe '${name}' is to look within 0 ms`,
      remedy: "Give `within` a duration above 0, '10m' say.",
    })
  }
  const { id, late, version = 1 } = options
  const keySerde: Serde<NonNullable<K>> = internalSerde(key)
  draft.addStore({
    name,
    kind: 'window',
    keySerde: id === undefined ? keySerde : bytes,
    valueSerde: number,
    version,
    // A window is looked at until the one behind it is closed.
    window: { sizeMs: withinMs, graceMs: withinMs + graceMs },
    why: `dedupe '${name}' remembers what has passed`,
  })
  const node = draft.addProcessor(
    {
      operator: 'dedupe',
      name,
      supplier: () => new Dedupe({ storeName: name, withinMs, graceMs, id, keySerde }),
      stores: [name],
      functions: id === undefined ? [] : [id],
      late: late === undefined ? undefined : { topic: late, keySerde: key, valueSerde: value },
    },
    from,
  )
  return { draft, from: [node], key, value, rekeyedBy: undefined }
}
