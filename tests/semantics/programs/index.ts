import { branchSplit } from './branch-split.ts'
import { cogroup, cogroupSession, cogroupTumbling } from './cogroup.ts'
import { filterMap } from './filter-map.ts'
import { flatMapRekey } from './flat-map-rekey.ts'
import { foreignKeyInner, foreignKeyLeft } from './foreign-key.ts'
import { groupByAggregate } from './groupby-aggregate.ts'
import { hoppingSum } from './hopping-sum.ts'
import { hoppingSumOnClose } from './hopping-sum-onclose.ts'
import { ktableFilterMapValues } from './ktable-filter-mapvalues.ts'
import { ktableGroupByCount, ktableGroupByReduce, ktableGroupBySum } from './ktable-groupby.ts'
import { mergeTwo } from './merge-two.ts'
import { processorForward } from './processor-forward.ts'
import type { Program } from './program.ts'
import { punctuateStreamTime, punctuateWallClock } from './punctuate.ts'
import { sessionConcat } from './session-concat.ts'
import { sessionCount } from './session-count.ts'
import { sessionCountOnClose } from './session-count-onclose.ts'
import { slidingCount } from './sliding-count.ts'
import { slidingCountOnClose } from './sliding-count-onclose.ts'
import { streamCount } from './stream-count.ts'
import { streamGlobalTableInner, streamGlobalTableLeft } from './stream-globaltable.ts'
import { streamReduce } from './stream-reduce.ts'
import { streamStreamInner, streamStreamLeft, streamStreamOuter } from './stream-stream.ts'
import { streamTableInner, streamTableLeft } from './stream-table.ts'
import { suppressSessionClose } from './suppress-session-close.ts'
import { suppressTimeLimit } from './suppress-time-limit.ts'
import { suppressTimeLimitWindowed } from './suppress-time-limit-windowed.ts'
import { suppressTumblingClose } from './suppress-tumbling-close.ts'
import { tableTableInner, tableTableLeft, tableTableOuter } from './table-table.ts'
import { timestampExtractor } from './timestamp-extractor.ts'
import { toTable } from './to-table.ts'
import { tumblingCount } from './tumbling-count.ts'
import { tumblingCountOnClose } from './tumbling-count-onclose.ts'
import { tumblingReduceMax } from './tumbling-reduce-max.ts'
import {
  streamVersionedTableInner,
  streamVersionedTableLeft,
  versionedGroupBySum,
  versionedTableTable,
} from './versioned.ts'

/** The topologies that the language can express, by the names of the conformance cases. */
export const programs: ReadonlyMap<string, Program> = new Map([
  ['branch-split', branchSplit],
  ['cogroup', cogroup],
  ['cogroup-session', cogroupSession],
  ['cogroup-tumbling', cogroupTumbling],
  ['filter-map', filterMap],
  ['flat-map-rekey', flatMapRekey],
  ['fk-join-inner', foreignKeyInner],
  ['fk-join-left', foreignKeyLeft],
  ['groupby-aggregate', groupByAggregate],
  ['hopping-sum', hoppingSum],
  ['hopping-sum-onclose', hoppingSumOnClose],
  ['ktable-filter-mapvalues', ktableFilterMapValues],
  ['ktable-groupby-count', ktableGroupByCount],
  ['ktable-groupby-reduce', ktableGroupByReduce],
  ['ktable-groupby-sum', ktableGroupBySum],
  ['merge-two', mergeTwo],
  ['session-concat', sessionConcat],
  ['session-count', sessionCount],
  ['session-count-onclose', sessionCountOnClose],
  ['sliding-count', slidingCount],
  ['sliding-count-onclose', slidingCountOnClose],
  ['suppress-session-close', suppressSessionClose],
  ['suppress-time-limit', suppressTimeLimit],
  ['suppress-time-limit-windowed', suppressTimeLimitWindowed],
  ['suppress-tumbling-close', suppressTumblingClose],
  ['stream-count', streamCount],
  ['stream-reduce', streamReduce],
  ['processor-forward', processorForward],
  ['punctuate-stream-time', punctuateStreamTime],
  ['punctuate-wall-clock', punctuateWallClock],
  ['timestamp-extractor', timestampExtractor],
  ['stream-globaltable-inner', streamGlobalTableInner],
  ['stream-globaltable-left', streamGlobalTableLeft],
  ['stream-stream-inner', streamStreamInner],
  ['stream-stream-left', streamStreamLeft],
  ['stream-stream-outer', streamStreamOuter],
  ['stream-table-inner', streamTableInner],
  ['stream-table-left', streamTableLeft],
  ['table-table-inner', tableTableInner],
  ['table-table-left', tableTableLeft],
  ['table-table-outer', tableTableOuter],
  ['to-table', toTable],
  ['stream-versioned-table-inner', streamVersionedTableInner],
  ['stream-versioned-table-left', streamVersionedTableLeft],
  ['versioned-groupby-sum', versionedGroupBySum],
  ['versioned-table-table', versionedTableTable],
  ['tumbling-count', tumblingCount],
  ['tumbling-count-onclose', tumblingCountOnClose],
  ['tumbling-reduce-max', tumblingReduceMax],
])
