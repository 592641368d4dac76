import type { Defined, OfPair } from '@millrace/operators'
import type { StreamPart } from '../draft/stream-part.ts'
import { GlobalTable } from '../table/global-table.ts'
import { KTable } from '../table/ktable.ts'
import { type GlobalJoinOptions, streamGlobalTableJoin } from './stream-global-table.ts'
import { type StreamJoinOptions, streamStreamJoin } from './stream-stream.ts'
import { streamTableJoin, type TableJoinOptions } from './stream-table.ts'

/** What a stream can be joined with. */
export type Joinable<K> =
  | { readonly part: StreamPart<K, unknown> }
  | KTable<NonNullable<K>, unknown>
  | GlobalTable<unknown, unknown>

export type AnyJoiner<R> = OfPair<never, never, never, R>

export type AnyJoinOptions<R> =
  | TableJoinOptions<R>
  | StreamJoinOptions<R>
  | GlobalJoinOptions<never, never, unknown, R>

/** Joins a stream with whatever it is. */
export function joinStream<K, V, R>(
  kind: 'inner' | 'left',
  stream: StreamPart<K, V>,
  other: Joinable<K>,
  joiner: AnyJoiner<R>,
  options: AnyJoinOptions<R> = {},
): StreamPart<K, Defined<R>> {
  if (other instanceof GlobalTable) {
    const by = options as GlobalJoinOptions<K, V, unknown, R>
    return streamGlobalTableJoin(kind, stream, other, joiner, by)
  }
  if (other instanceof KTable) return streamTableJoin(kind, stream, other.side, joiner, options)
  return streamStreamJoin(kind, stream, other.part, joiner, options as StreamJoinOptions<R>)
}
