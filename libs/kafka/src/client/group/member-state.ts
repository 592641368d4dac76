import { assert } from '@millrace/errors'

/**
 * Where a member stands. Its partitions stay owned through all of these except `unjoined`, which
 * begins by reporting them lost, and the two ends.
 *
 * ```
 *                 ┌────────────── lost ◄──────────────┬───────────┐
 *                 ▼                                   │           │
 *   start ──► unjoined ──► joining ──► syncing ──► revoking ──► stable
 *                            ▲  ▲         │  │                  ▲  │
 *                            │  └─ again ─┘  └─ nothing revoked ┘  │
 *                            └────────── group rebalances ─────────┘
 *
 *   any ──► leaving ──► dead          any ──► dead (fatal)
 * ```
 *
 * - `joining`: the listener commits, then JoinGroup is sent and held by the coordinator.
 * - `syncing`: the leader computes the assignment; SyncGroup is held until it is there.
 * - `revoking`: partitions that the new assignment takes away are being given up.
 * - `stable`: new partitions are handed over; then nothing but heartbeats until the next join.
 */
export type MemberState =
  | 'unjoined'
  | 'joining'
  | 'syncing'
  | 'revoking'
  | 'stable'
  | 'leaving'
  | 'dead'

const legalSuccessors: { readonly [S in MemberState]: readonly MemberState[] } = {
  unjoined: ['joining', 'leaving', 'dead'],
  joining: ['joining', 'syncing', 'unjoined', 'leaving', 'dead'],
  syncing: ['revoking', 'stable', 'joining', 'unjoined', 'leaving', 'dead'],
  revoking: ['stable', 'unjoined', 'leaving', 'dead'],
  stable: ['joining', 'unjoined', 'leaving', 'dead'],
  leaving: ['dead'],
  dead: ['dead'],
}

/** Refuses a step that the table does not have. */
export function assertLegal(from: MemberState, to: MemberState): void {
  assert(legalSuccessors[from].includes(to), `a group member cannot go from ${from} to ${to}`)
}

export function hasEnded(state: MemberState): boolean {
  return state === 'leaving' || state === 'dead'
}
