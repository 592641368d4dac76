import type { StreamTask } from '@millrace/runtime'

const commitIntervalMs = 1_000

/**
 * How far the clock may go at once. Tasks that carry time across a repartition tell of silence with
 * their commits, one after the other: they get one a second, as in a service.
 */
export function wallClockStepMs(tasks: readonly StreamTask[]): number {
  const carriesTime = tasks.some(({ compiled }) => compiled.stampers.length > 0)
  return carriesTime ? commitIntervalMs : Number.POSITIVE_INFINITY
}
