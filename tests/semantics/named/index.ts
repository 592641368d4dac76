import { cogrouped } from './cogroup.ts'
import { errors } from './errors.ts'
import { exactlyOnce } from './exactly-once.ts'
import { foreignKey, streamStream, streamTable, tableTable } from './joins.ts'
import type { NamedCase } from './named-case.ts'
import { internalTopics, restored, runAgain } from './restore.ts'
import { suppression } from './suppression.ts'
import { tableAggregate, versioned } from './tables.ts'
import { time } from './time.ts'
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
  ['eos', exactlyOnce],
  ['errors', errors],
  ['restore', restored],
  ['topics', internalTopics],
  ['replay', runAgain],
  ['time', time],
  ['window', windowKinds],
])
