import { agendaStore, bucketMsFor } from '@millrace/operators'
import { internalSerde, type Serde, string } from '@millrace/record'
import type { StoreSpec } from '@millrace/store'
import type { AlertRule } from '../rule/alert-rule.ts'
import { alertStateSerde } from '../state/alert-state.ts'

/** Names of the stores of one rule. */
export interface AlertStores {
  readonly states: string
  /** What becomes so at which time. */
  readonly due: string
  /** The latest value of each window that time has not passed; undefined where there are none. */
  readonly open: string | undefined
}

type AnyRule = AlertRule<never, never>

export function storesOf(rule: AnyRule, isWindowed: boolean): AlertStores {
  const isHeld = isWindowed && !(rule.kind.is === 'condition' && rule.kind.isProvisionalTaken)
  const { name } = rule
  return { states: name, due: `${name}-due`, open: isHeld ? `${name}-open` : undefined }
}

export function specsOf(
  rule: AnyRule,
  { states, due, open }: AlertStores,
  serdes: { readonly key: Serde<unknown>; readonly value: Serde<unknown> },
): readonly StoreSpec[] {
  const { name, version } = rule
  const held: StoreSpec[] = []
  if (open !== undefined) {
    held.push({
      name: open,
      kind: 'key-value',
      keySerde: internalSerde(serdes.key),
      valueSerde: internalSerde(serdes.value),
      version,
      why: `alert '${name}' waits for windows to be complete`,
    })
  }
  return [
    {
      name: states,
      kind: 'key-value',
      keySerde: string,
      valueSerde: alertStateSerde,
      version,
      why: `alert '${name}' remembers what fires, and what is about to`,
    },
    agendaStore(due, `when alert '${name}' fires or clears without a record`),
    ...held,
  ]
}

/** Width of the agenda's buckets. */
export function bucketMsOf(rule: AnyRule): number {
  const { kind, keepFiringForMs } = rule
  const own = kind.is === 'condition' ? kind.forMs : kind.absentForMs
  return bucketMsFor(Math.max(own, keepFiringForMs, 60_000))
}
