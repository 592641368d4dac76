import type { RepartitionOptions } from '../options.ts'
import { Repartition } from './repartition.ts'
import { requiredName } from './required-name.ts'
import type { StreamPart } from './stream-part.ts'

/** The repartition that an operator with a state needs behind one that changed the keys. */
export function groupingRepartition<K, V>(
  part: StreamPart<K, V>,
  options: RepartitionOptions | undefined,
  operator: string,
): Repartition<K, V> | undefined {
  if (part.rekeyedBy === undefined) return undefined
  const of = `the repartition that ${operator} needs because ${part.rekeyedBy} changed the keys`
  const name = requiredName(options?.repartition, of)
  return new Repartition(part, { name, partitions: options?.partitions })
}
