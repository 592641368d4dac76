import { cogrouped } from './cogroup.ts'
import { foreignKey, streamStream, streamTable, tableTable } from './joins.ts'
import type { NamedCase } from './named-case.ts'
import { suppression } from './suppression.ts'
import { tableAggregate, versioned } from './tables.ts'
import { windowKinds } from './window-kinds.ts'
import { windowed } from './windows.ts'

/** Runs a case; the first difference, or null. */
export type NamedAdapter = (it: NamedCase) => Promise<string | null>

/** By the group of the case. */
export const adapters: ReadonlyMap<string, NamedAdapter> = new Map([
  ['cogroup', cogrouped],
  ['emit-final', windowed],
  ['grace', windowed],
  ['join-fk', foreignKey],
  ['join-ss', streamStream],
  ['join-st', streamTable],
  ['join-tt', tableTable],
  ['session', windowed],
  ['sliding', windowed],
  ['suppress', suppression],
  ['table-agg', tableAggregate],
  ['versioned', versioned],
  ['window', windowKinds],
])

/** Cases that later decisions contradict, by id, with the reason. */
export const decidedOtherwise: ReadonlyMap<string, string> = new Map([
  [
    'N03',
    'the session at 0 has closed at 300001 when the bridging record comes, and a closed session is never extended (README, 7.3)',
  ],
])
