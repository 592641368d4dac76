import { internalSerde } from '@millrace/record'
import type { StateBackend } from '../backend.ts'
import { changelogKey, parseRowKey, rowKey, rowRange } from '../layout.ts'
import type { StoreSpec } from '../store.ts'
import { checkRow, rowRevision, rowTimestampMs, rowValue } from './row-codec.ts'

/** A committed row. */
export interface StoredRow<K, V> {
  readonly key: K
  /** `noWindow` in a key-value store. */
  readonly windowStartMs: number
  readonly value: V
  readonly timestampMs: number
  readonly revision: number
}

/**
 * The committed rows of a store at the call, by window and then by key. Rows of windows starting
 * at or before `expiredThroughMs` that have not left yet do not show.
 */
export async function* storedRows<K, V>(
  backend: StateBackend,
  storeId: number,
  spec: StoreSpec,
  expiredThroughMs: number,
): AsyncGenerator<StoredRow<K, V>> {
  const keySerde = internalSerde(spec.keySerde)
  const valueSerde = internalSerde(spec.valueSerde)
  const isWindowed = spec.kind === 'window'
  const range = rowRange(storeId)
  const from =
    isWindowed && expiredThroughMs >= 0
      ? { gte: rowKey(storeId, expiredThroughMs + 1, Buffer.alloc(0)) }
      : {}
  for await (const [key, bytes] of backend.entries({ ...range, ...from })) {
    checkRow(changelogKey(key), bytes, backend.location)
    const { windowStartMs, key: keyBytes } = parseRowKey(key, isWindowed)
    yield {
      key: keySerde.deserialize(keyBytes) as K,
      windowStartMs,
      value: valueSerde.deserialize(rowValue(bytes)) as V,
      timestampMs: rowTimestampMs(bytes),
      revision: rowRevision(bytes),
    }
  }
}
