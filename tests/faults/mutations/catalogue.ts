import type { Patch } from './source-copy.ts'

/** A safety rule taken out of the sources, and the fault that must then be judged wrong. */
export interface Mutation {
  readonly title: string
  /** The fault's number, and how many of its rounds it takes. */
  readonly fault: number
  readonly rounds: number
  /** What its report must say, so that it is not red for another reason. */
  readonly sign: RegExp
  readonly patches: readonly Patch[]
}

const coordinator = 'libs/kafka/src/client/transaction/transaction-coordinator.ts'
const exactlyOnce = 'libs/runtime/src/commit/exactly-once.ts'
const outputSession = 'libs/runtime/src/commit/output-session.ts'
const committer = 'libs/runtime/src/commit/commit.ts'
const startOffsets = 'libs/runtime/src/restore/start-offsets.ts'
const taskOpener = 'libs/runtime/src/worker/tasks/task-opener.ts'
const fence = 'libs/runtime/src/commit/fence-vanished.ts'
const producer = 'libs/kafka/src/client/transaction/transactional-producer.ts'
const abortFilter = 'libs/kafka/src/client/fetch/abort-filter.ts'

const wrongResults = /^ +(lost|duplicated|wrong): /m

/**
 * One for each rule. Where two rules stand behind each other (a zombie meets its generation and its
 * epoch), one alone hides that the other is gone, and both are taken out.
 */
export const mutations: readonly Mutation[] = [
  {
    title: 'fencing off: neither member and generation with the offsets, nor InitProducerId',
    fault: 3,
    rounds: 1,
    sign: wrongResults,
    patches: [
      {
        file: coordinator,
        from: '          ...group,\n',
        to: "          ...group,\n          memberId: '',\n          generation: -1,\n          groupInstanceId: null,\n",
      },
      {
        file: exactlyOnce,
        from: 'if (group.generation < 0) throw outsideGroup(group.groupId)',
        to: 'void outsideGroup',
      },
      { file: fence, from: 'await producer.init()', to: 'void producer' },
    ],
  },
  {
    title: 'offsets outside the transaction',
    fault: 2,
    rounds: 1,
    sign: wrongResults,
    patches: [
      {
        file: outputSession,
        from: '() => group.metadata()',
        to: '() => Object.assign(group.metadata(), { member: group })',
      },
      {
        file: exactlyOnce,
        from: 'await this.producer.sendOffsets(offsets, group)',
        to: 'await (group as unknown as { member: { commit(of: unknown): Promise<void> } }).member.commit(offsets)',
      },
    ],
  },
  {
    title: 'state applied before the commit',
    fault: 2,
    rounds: 2,
    sign: /state was wiped/,
    patches: [
      {
        file: committer,
        from: "    if (!(await this.#decide(pending))) return 'delayed'\n    await this.#settle(pending)\n",
        to: "    await this.#settle(pending)\n    if (!(await this.#decide(pending))) return 'delayed'\n",
      },
    ],
  },
  {
    title: 'positions read before fencing, require_stable off, transactions long-lived',
    fault: 3,
    rounds: 2,
    sign: wrongResults,
    patches: [
      { file: startOffsets, from: 'requireStable: true', to: 'requireStable: false' },
      {
        file: producer,
        from: 'const defaultTransactionTimeoutMs = 10_000',
        to: 'const defaultTransactionTimeoutMs = 60_000',
      },
      {
        file: taskOpener,
        from:
          '    await fence()\n' +
          '    const offsets = await readStartOffsets(cluster, groupId, tasks, startOffset)\n',
        to:
          '    const offsets = await readStartOffsets(cluster, groupId, tasks, startOffset)\n' +
          '    await new Promise((resolve) => this.#options.clock.setTimer(3_000, () => resolve(null)))\n' +
          '    await fence()\n',
      },
    ],
  },
  {
    title: 'aborted records not filtered',
    fault: 2,
    rounds: 1,
    sign: wrongResults,
    patches: [
      { file: abortFilter, from: 'return this.#open.has(batch.producerId)', to: 'return false' },
    ],
  },
]
