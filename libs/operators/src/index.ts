export { Agenda, agendaStore, bucketMsFor } from './agenda/agenda.ts'
export type { AgendaEntry, AgendaPage } from './agenda/agenda-page.ts'
export { type AggregateFunctions, aggregateFold, type OfAggregate } from './aggregate/aggregate.ts'
export { countFold } from './aggregate/count.ts'
export type { Fold } from './aggregate/fold.ts'
export { isolatedFold } from './aggregate/isolated-fold.ts'
export {
  count,
  custom,
  max,
  mean,
  min,
  type NamedAggregate,
  type NumberFrom,
  type NumberOf,
  type Numeric,
  sum,
} from './aggregate/named-aggregate.ts'
export { type NamedAggregates, type NamedResults, namedFold } from './aggregate/named-fold.ts'
export { distinct, first, last } from './aggregate/named-values.ts'
export { reduceFold } from './aggregate/reduce.ts'
export { RollingAggregate, type RollingAggregateOptions } from './aggregate/rolling-aggregate.ts'
export { WindowedAggregate, type WindowedAggregateOptions } from './aggregate/windowed-aggregate.ts'
export { mapAsync } from './async/map-async.ts'
export { route } from './branch/route.ts'
export { type SplitOptions, split } from './branch/split.ts'
export type { Defined, KeyValue, OfRecord } from './callbacks.ts'
export { type CogroupFunctions, cogroupFold } from './cogroup/cogroup-fold.ts'
export { tagInput } from './cogroup/tag-input.ts'
export { type Tagged, taggedSerde } from './cogroup/tagged.ts'
export { Dedupe, type DedupeId, type DedupeOptions } from './dedupe/dedupe.ts'
export {
  describeEmission,
  type Emission,
  type Emit,
  type EmitOptions,
  emissionOf,
} from './emission/emission.ts'
export { type ResultKind, resultHeader } from './emission/result-headers.ts'
export type { ForeignKeyOf } from './join/foreign-key/foreign-key.ts'
export { ForeignKeyJoin, type ForeignKeyJoinOptions } from './join/foreign-key/foreign-key-join.ts'
export {
  ForeignKeyChanges,
  type ForeignKeyRowsOptions,
  ForeignKeySubscriptions,
} from './join/foreign-key/foreign-key-rows.ts'
export {
  ForeignKeySubscriber,
  type ForeignKeySubscriberOptions,
} from './join/foreign-key/foreign-key-subscriber.ts'
export { responseSerde, serialisedKey, subscriptionSerde } from './join/foreign-key/messages.ts'
export { subscriberPageSerde } from './join/foreign-key/subscriber-page.ts'
export { isPreserved, type JoinKind, type JoinSide, type OfPair } from './join/join-kind.ts'
export { joinRowsSerde } from './join/join-rows-serde.ts'
export {
  StreamGlobalTableJoin,
  type StreamGlobalTableJoinOptions,
} from './join/stream-global-table-join.ts'
export { joinBucketMs, type StreamStreamJoinOptions } from './join/stream-stream-join.ts'
export { streamStreamJoin } from './join/stream-stream-join-side.ts'
export { StreamTableJoin, type StreamTableJoinOptions } from './join/stream-table-join.ts'
export {
  graceBucketMs,
  StreamTableJoinGrace,
  type StreamTableJoinGraceOptions,
} from './join/stream-table-join-grace.ts'
export {
  joinedReader,
  type TableTableJoinOptions,
  TableTableJoinSide,
  type TableTableJoinSideOptions,
} from './join/table-table-join.ts'
export { KeyValueStore } from './process/key-value-store.ts'
export type {
  ForwardedRecord,
  ProcessContext,
  PunctuationOptions,
  RecordProcessor,
} from './process/process-context.ts'
export { UserProcessor, type UserProcessorOptions } from './process/user-processor.ts'
export { SessionAggregate, type SessionAggregateOptions } from './session/session-aggregate.ts'
export type { SessionRow } from './session/session-row.ts'
export { sessionRowSerde } from './session/session-row-serde.ts'
export { SlidingAggregate, type SlidingAggregateOptions } from './sliding/sliding-aggregate.ts'
export { slidingBucketSerde } from './sliding/sliding-bucket-serde.ts'
export { dropNullKeys, dropNullValues } from './stateless/drop-nulls.ts'
export { filter } from './stateless/filter.ts'
export { filterNot } from './stateless/filter-not.ts'
export { flatMap } from './stateless/flat-map.ts'
export { flatMapValues } from './stateless/flat-map-values.ts'
export { forEach } from './stateless/for-each.ts'
export { map } from './stateless/map.ts'
export { mapValues } from './stateless/map-values.ts'
export { pass } from './stateless/pass.ts'
export { peek } from './stateless/peek.ts'
export { selectKey } from './stateless/select-key.ts'
export { Suppress, type SuppressOptions, type Until } from './suppress/suppress.ts'
export { suppressedSerde } from './suppress/suppressed.ts'
export { type Change, change, changeWith, type OfRow } from './table/change.ts'
export { filterTable } from './table/filter-table.ts'
export {
  type GroupedReduceFunctions,
  type GroupedTableFunctions,
  groupedCountFold,
  groupedFold,
  groupedReduceFold,
} from './table/grouped-fold.ts'
export { mapTableValues } from './table/map-table-values.ts'
export { segmentMsFor } from './table/past-versions.ts'
export { regroupTable } from './table/regroup-table.ts'
export { passTable, TableSource } from './table/table-source.ts'
export {
  filteredReader,
  mappedReader,
  noRow,
  resultReader,
  storeReader,
  type TableReader,
  type TableRow,
  type TableView,
} from './table/table-view.ts'
export { type ValuePair, valuePair } from './table/value-pair.ts'
export { versionsSerde } from './table/version.ts'
export type { VersionedTableOptions } from './table/versioned-rows.ts'
export { VersionedTableSource, versionedReader } from './table/versioned-table-source.ts'
