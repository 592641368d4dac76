/** Settings that a changelog topic is made with, as Kafka spells them. */
export interface ChangelogTopicOptions {
  /**
   * How long the values before the last stay readable, so that a restore after a crash finds what
   * the commit in doubt replaced. Default one hour.
   */
  readonly compactionLagMs?: number
  /** How long tombstones stay: a store away for longer is restored in full. Default one day. */
  readonly deleteRetentionMs?: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Kafka's default of `delete.retention.ms`, one day. */
export const deleteRetentionMsDefault = dayMs

/**
 * Compacted only: nothing leaves by age, for the age of a record is its event time and a backfill
 * would delete its own backup. Expired windows leave by tombstones. Time stamps are those of the
 * write, so that the compaction lag counts from there and no bound on event times applies.
 */
export function changelogTopicConfigs(
  options: ChangelogTopicOptions = {},
): Readonly<{ [name: string]: string }> {
  return {
    'cleanup.policy': 'compact',
    'min.compaction.lag.ms': String(options.compactionLagMs ?? hourMs),
    'delete.retention.ms': String(options.deleteRetentionMs ?? dayMs),
    'message.timestamp.type': 'LogAppendTime',
  }
}

/** A setting of an existing changelog topic that does not serve. */
export interface ChangelogTopicProblem {
  readonly config: string
  readonly found: string
  /** What is wrong with it, one sentence. */
  readonly problem: string
  /** What to do, one sentence. */
  readonly remedy: string
}

/** Checks what `Admin.topicConfigs` says of a changelog topic; settings not told are not judged. */
export function checkChangelogTopic(
  topic: string,
  configs: ReadonlyMap<string, string>,
): readonly ChangelogTopicProblem[] {
  return rules.flatMap(({ config, isRight, problem, wanted }) => {
    const found = configs.get(config)
    if (found === undefined || isRight(found)) return []
    const remedy =
      `kafka-configs --alter --entity-type topics --entity-name ${topic} ` +
      `--add-config ${config}=${wanted}`
    return [{ config, found, problem, remedy }]
  })
}

interface Rule {
  readonly config: string
  readonly wanted: string
  readonly problem: string
  readonly isRight: (found: string) => boolean
}

const wanted = changelogTopicConfigs()

const rules: readonly Rule[] = [
  {
    config: 'cleanup.policy',
    wanted: wanted['cleanup.policy'] as string,
    problem: 'Records would be deleted by age or size, and the state could not be restored.',
    isRight: (found) => found === 'compact',
  },
  {
    config: 'min.compaction.lag.ms',
    wanted: wanted['min.compaction.lag.ms'] as string,
    problem: 'Compaction could remove the committed value that a change in doubt has replaced.',
    isRight: (found) => Number(found) > 0,
  },
  {
    config: 'delete.retention.ms',
    wanted: wanted['delete.retention.ms'] as string,
    problem: 'Tombstones could leave while a restore reads, and expired windows come back.',
    isRight: (found) => Number(found) >= hourMs,
  },
  {
    config: 'message.timestamp.type',
    wanted: wanted['message.timestamp.type'] as string,
    problem: 'The compaction lag would count from event times, which may lie years back.',
    isRight: (found) => found === 'LogAppendTime',
  },
]
