import { internalSerde, type Serde } from '@millrace/record'
import type { OfRow } from '../../table/change.ts'

/** Which row of the other table a row belongs to; null: to none. */
export type ForeignKeyOf<K, V, KO> = OfRow<K, V, KO | null | undefined>

/** The bytes of the foreign key of a row; null where there is no row or no key. */
export function foreignKeyBytes<K, V, KO>(
  foreignKeyOf: ForeignKeyOf<K, V, KO>,
  serde: Serde<KO>,
): (value: V | null, key: K) => Buffer | null {
  const internal = internalSerde(serde)
  return (value, key) => {
    const foreignKey = value === null ? null : foreignKeyOf(value, key)
    return foreignKey == null ? null : internal.serialize(foreignKey)
  }
}

export function isSameKey(left: Buffer | null, right: Buffer | null): boolean {
  return left === right || (left !== null && right !== null && left.equals(right))
}
