import { MillraceError } from '@millrace/errors'
import type { Serde } from '@millrace/record'
import type { StreamPart } from './stream-part.ts'

export interface MergeOptions<K, V> {
  /** Needed where the keys of the two streams have different serdes. */
  readonly key?: Serde<NonNullable<K>>
  /** Needed where their values have. */
  readonly value?: Serde<NonNullable<V>>
}

/** Both streams' nodes side by side: a merge is edges, and no node of its own. */
export function mergedPart<K, V, K2, V2>(
  left: StreamPart<K, V>,
  right: StreamPart<K2, V2>,
  options: MergeOptions<K | K2, V | V2> = {},
): StreamPart<K | K2, V | V2> {
  if (left.draft !== right.draft) {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: 'streams of two topologies cannot be merged',
    })
  }
  return {
    draft: left.draft,
    from: [...left.from, ...right.from],
    key: options.key ?? common('key', left.key, right.key),
    value: options.value ?? common('value', left.value, right.value),
    rekeyedBy: left.rekeyedBy ?? right.rekeyedBy,
  }
}

function common<T, L extends T, R extends T>(
  what: string,
  left: Serde<L>,
  right: Serde<R>,
): Serde<T> {
  if (left.name === right.name) return left
  throw new MillraceError('MILLRACE_DSL_INVALID', {
    message: `the streams that are merged write their ${what}s as ${left.name} and as ${right.name}`,
    remedy: `Pass merge the serde for both: merge(other, { ${what}: … }).`,
  })
}
