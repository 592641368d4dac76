import { MillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import { deleteRetentionMsDefault, planRestore, type RestorePlan } from '@millrace/store'
import type { Clock } from '@millrace/time'
import { partitionKey, type TaskDefinition } from '../assignment/task-definition.ts'
import { changelogTopic } from '../internal-topics/topic-names.ts'
import { type OpenedState, type OpenStateOptions, openState, wipeState } from './open-state.ts'
import type { RestorePart } from './restore-job.ts'
import type { Restorer } from './restorer.ts'
import type { StartOffsets } from './start-offsets.ts'

export interface RestoreStateOptions extends OpenStateOptions {
  readonly cluster: Cluster
  readonly restorer: Restorer
  readonly clock: Clock
  /** `delete.retention.ms` by store, as the changelog topics have it. */
  readonly deleteRetentionMs: ReadonlyMap<string, number>
}

/** What a store's changelog and the state on disk say of each other. */
interface StorePlan {
  readonly store: string
  readonly part: RestorePart
  readonly plan: RestorePlan
}

/**
 * The state of a task at the group's committed position (`kafka-client.md` 7.2): opened, compared
 * with its changelogs, and what is missing restored. The committed offsets were read before: the
 * ends captured here are then behind every record that they stand for. `kept` is the state where it
 * is open already, at its last commit; it is closed where this rejects.
 */
export async function restoreState(
  task: TaskDefinition,
  offsets: StartOffsets,
  options: RestoreStateOptions,
  kept: OpenedState | null = null,
): Promise<OpenedState> {
  let opened = kept ?? (await openState(task, options))
  try {
    let plans = await planStores(task, opened, options)
    refuseTruncated(task, plans, options)
    const reason = wipeReason(task, opened, offsets, plans)
    if (reason !== null) {
      options.logger.warn(
        { task: task.name, reason },
        'the local state is deleted and restored in full',
      )
      await opened.state.close()
      opened = await wipeState(task, options)
      plans = await planStores(task, opened, options)
    }
    await takeIn(task, opened, offsets, plans, options)
    return opened
  } catch (error) {
    await opened.state.close()
    throw error
  }
}

async function planStores(
  task: TaskDefinition,
  { state }: OpenedState,
  { cluster, clock, applicationId, stores, deleteRetentionMs }: RestoreStateOptions,
): Promise<readonly StorePlan[]> {
  const partitions = stores.map(({ name }) => ({
    topic: changelogTopic(applicationId, name),
    partition: task.id.partition,
  }))
  // Read-uncommitted: the last committed transaction may not be below the stable offset yet
  // (KAFKA-10167).
  const ends = await cluster.listOffsets(partitions, 'latest', 'read_uncommitted')
  const starts = await cluster.listOffsets(partitions, 'earliest', 'read_uncommitted')
  const endOf = new Map(ends.map((end) => [partitionKey(end), end.offset]))
  const startOf = new Map(starts.map((start) => [partitionKey(start), start.offset]))
  return stores.map(({ name }, index) => {
    const at = partitions[index] as (typeof partitions)[number]
    const endOffset = endOf.get(partitionKey(at)) ?? 0
    const plan = planRestore({
      recordedOffset: state.positions.changelogOffsets.get(name),
      logStartOffset: startOf.get(partitionKey(at)) ?? 0,
      logEndOffset: endOffset,
      committedAtMs: state.positions.committedAtMs,
      nowMs: clock.nowMs(),
      deleteRetentionMs: deleteRetentionMs.get(name) ?? deleteRetentionMsDefault,
    })
    const fromOffset = plan.kind === 'none' ? endOffset : plan.fromOffset
    return { store: name, plan, part: { store: name, ...at, fromOffset, endOffset } }
  })
}

/** The changelog lacks what the state has, or what it would need to go on. */
const losses: ReadonlySet<string> = new Set(['ahead-of-changelog', 'changelog-truncated'])

/** The disk may hold the only good copy: a person decides. */
function refuseTruncated(
  task: TaskDefinition,
  plans: readonly StorePlan[],
  { backends }: RestoreStateOptions,
): void {
  for (const { plan, part } of plans) {
    if (plan.kind !== 'full' || !losses.has(plan.reason)) continue
    throw new MillraceError('MILLRACE_RUNTIME_CHANGELOG_TRUNCATED', {
      message: `task ${task.name} in ${backends.location}, changelog ${part.topic}: ${plan.message}`,
    })
  }
}

/** Null where the state on disk can be carried on. */
function wipeReason(
  task: TaskDefinition,
  { state }: OpenedState,
  { committed }: StartOffsets,
  plans: readonly StorePlan[],
): string | null {
  if (state.recorded === undefined) return null
  for (const { plan } of plans) {
    if (plan.kind === 'full' && plan.reason !== 'no-state') return plan.message
  }
  for (const input of state.positions.inputOffsets) {
    if (!task.sources.some((source) => partitionKey(source) === partitionKey(input))) continue
    const group = committed.get(partitionKey(input)) ?? 0
    // The state is written after the group's commit: ahead means that the group was set back.
    if (input.offset <= group) continue
    return `the state has ${partitionKey(input)} read up to ${input.offset}, the group is at ${group}`
  }
  return null
}

async function takeIn(
  task: TaskDefinition,
  { state }: OpenedState,
  { committed, start }: StartOffsets,
  plans: readonly StorePlan[],
  { restorer, clock }: RestoreStateOptions,
): Promise<void> {
  if (plans.every(({ plan }) => plan.kind === 'none')) return
  const committedOffsets = task.sources.map((source) => committed.get(partitionKey(source)) ?? null)
  const target = state.restore({ committedOffsets, startedAtMs: clock.nowMs() })
  await restorer.run({ task: task.name, parts: plans.map(({ part }) => part), target })
  await target.finish({
    inputOffsets: task.sources.map((source) => ({
      ...source,
      offset: start.get(partitionKey(source)) ?? 0,
    })),
    // Where nothing had to be read; the others' offsets went out with their records.
    changelogOffsets: new Map(
      plans
        .filter(({ part }) => part.fromOffset >= part.endOffset)
        .map(({ store, part }) => [store, part.endOffset]),
    ),
    atMs: clock.nowMs(),
  })
}
