import { partitionKey } from '../assignment/task-definition.ts'
import type { MarkedRecords } from '../failure/marked-records.ts'
import type { Decision } from './decisions.ts'

/** The records that were set aside before are so again, whatever the clock says now. */
export function markDecided(marked: MarkedRecords, decisions: readonly Decision[]): void {
  for (const { kind, positions } of decisions) {
    if (kind !== 'ahead') continue
    for (const at of positions) marked.mark(partitionKey(at), at.offset, { kind: 'ahead' })
  }
}
