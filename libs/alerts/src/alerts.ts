import { KStream, type KTable } from '@millrace/dsl'
import { MillraceError } from '@millrace/errors'
import { internalSerde, type Serde, string } from '@millrace/record'
import type { Windows } from '@millrace/time'
import { type AlertEvent, alertEventSerde } from './alert-event.ts'
import { AlertOperator } from './operator/alert-operator.ts'
import { specsOf, storesOf } from './operator/alert-stores.ts'
import type { AlertRule } from './rule/alert-rule.ts'
import type { BareKey } from './rule/sample.ts'

/**
 * Holds rules against the values of a stream or table, key by key, and gives a stream of events: one
 * where an alert begins to fire, one where that is over, under the alert's dedupe key. Rules see every
 * change of a table, which then goes out as such. Of a windowed view give the table itself: the stream
 * of its changes no longer knows its windows.
 *
 * Throws `MILLRACE_ALERTS_RULE_INVALID`.
 */
export function alerts<K, V>(
  view: KStream<K, V> | KTable<K, V>,
  ...rules: readonly [
    AlertRule<BareKey<K>, NonNullable<V>>,
    ...AlertRule<BareKey<K>, NonNullable<V>>[],
  ]
): KStream<string, AlertEvent, 'changed'> {
  const source = sourceOf(view)
  const { draft, from, key, value } = source.part
  const nodes = rules.map((rule) => {
    const { name } = rule
    const stores = storesOf(rule, source.windows !== undefined)
    const serdes = { key: key as Serde<unknown>, value: value as Serde<unknown> }
    const specs = specsOf(rule, stores, serdes)
    for (const spec of specs) draft.addStore(spec)
    const keySerde = internalSerde(key) as Serde<unknown>
    const { windows } = source
    return draft.addProcessor(
      {
        operator: 'alert',
        name,
        supplier: () => new AlertOperator({ rule, stores, windows, keySerde }),
        stores: specs.map((spec) => spec.name),
        functions: rule.functions,
        detail: rule.severity,
      },
      from,
    )
  })
  const part = { draft, from: nodes, key: string, value: alertEventSerde }
  return new KStream({ ...part, rekeyedBy: nodes[0] })
}

function sourceOf<K, V>(view: KStream<K, V> | KTable<K, V>): Source<K, V> {
  if (view instanceof KStream) {
    const { part } = view
    if (part.rekeyedBy !== undefined)
      throw invalid(`${part.rekeyedBy} changed the keys: repartition() comes first`)
    if (/^(windowed|session)\(/.test(part.key.name)) {
      throw invalid('the keys of this stream are windowed: give the table that it comes from')
    }
    return { part, windows: undefined }
  }
  const { part, origin } = view.side
  // Whether a value held without a break is seen only where none is left out.
  origin.demands.everyChange = true
  return { part, windows: origin.windows }
}

interface Source<K, V> {
  readonly part: KStream<K, V>['part']
  readonly windows: Windows | undefined
}

function invalid(why: string): MillraceError {
  return new MillraceError('MILLRACE_ALERTS_RULE_INVALID', {
    message: `alerts() cannot be built: ${why}`,
  })
}
