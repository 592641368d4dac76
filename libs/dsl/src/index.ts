export {
  count,
  custom,
  distinct,
  type ForwardedRecord,
  first,
  KeyValueStore,
  last,
  max,
  mean,
  min,
  type ProcessContext,
  type PunctuationOptions,
  type RecordProcessor,
  sum,
} from '@millrace/operators'
export type {
  AggregateOptions,
  Deletable,
  NamedAggregateOptions,
  SessionAggregateOptions,
} from './aggregation/aggregation.ts'
export {
  type CogroupedOptions,
  CogroupedStream,
  type CogroupOptions,
  WindowedCogroupedStream,
} from './aggregation/cogrouped-stream.ts'
export { GroupedStream } from './aggregation/grouped-stream.ts'
export { SessionWindowedStream } from './aggregation/session-windowed-stream.ts'
export { WindowedStream } from './aggregation/windowed-stream.ts'
export type { Branches, OtherwiseOptions, Predicates } from './branches.ts'
export type { EffectContext, EffectOptions } from './calls/effect.ts'
export type { AsyncMapper, CallOptions, MapAsyncOptions } from './calls/map-async.ts'
export type { DedupeOptions, RekeyedDedupeOptions } from './dedupe.ts'
export type { MergeOptions } from './draft/merged-part.ts'
export type { FreshnessOptions } from './freshness.ts'
export type { ForeignKeyOptions } from './join/foreign-key.ts'
export type { GlobalJoinOptions } from './join/stream-global-table.ts'
export type { StreamJoinOptions } from './join/stream-stream.ts'
export type { TableJoinOptions } from './join/stream-table.ts'
export { KStream } from './kstream.ts'
export type {
  AggregationOptions,
  KeyOptions,
  OperatorOptions,
  RepartitionOptions,
  RoutedSinkOptions,
  SinkOptions,
  StringKey,
  StringKeyOptions,
  ValueOptions,
  WindowedAggregationOptions,
} from './options.ts'
export type {
  Processed,
  ProcessOptions,
  ProcessValuesContext,
  ProcessValuesOptions,
  StoreDefinition,
  StoreDefinitions,
  StoresOf,
} from './process.ts'
export type { Keys } from './stateless-stream.ts'
export {
  type GlobalTableOptions,
  type SourceTableOptions,
  StreamBuilder,
  type StreamOptions,
} from './stream-builder.ts'
export { GlobalTable } from './table/global-table.ts'
export {
  type GroupedReduceOptions,
  GroupedTable,
  type GroupedTableOptions,
} from './table/grouped-table.ts'
export { KTable, type Mapped } from './table/ktable.ts'
export type { RekeyedTableOptions, TableOptions } from './table/source-table.ts'
export type { SuppressOptions } from './table/suppressed-table.ts'
export { topology } from './topology.ts'
