/** A member as the balance sees it. */
export interface Candidate {
  readonly memberId: string
  /** Tasks it runs now. */
  readonly owned: ReadonlySet<string>
  /** Tasks whose state lies on its disk. */
  readonly onDisk: ReadonlySet<string>
  /** Whether it subscribes to all that the task reads. */
  canRun(task: BalancedTask): boolean
}

export interface BalancedTask {
  readonly name: string
  readonly subTopology: number
  readonly partition: number
}

/**
 * Tasks by member: complete, disjoint, balanced within one where every member can run everything.
 * In that frame a member keeps what it owns, then gets what lies on its disk, then what spreads
 * the sub-topologies best. The same input gives the same answer on every leader.
 */
export function balance(
  tasks: readonly BalancedTask[],
  candidates: readonly Candidate[],
): ReadonlyMap<string, readonly BalancedTask[]> {
  const shares = candidates
    .map((candidate) => new Share(candidate))
    .sort((a, b) => (a.candidate.memberId < b.candidate.memberId ? -1 : 1))
  if (shares.length === 0) return new Map()
  const quota = new Quota(tasks.length, shares.length)
  // By partition first: who has to give up half gives up half of each sub-topology.
  const ordered = tasks.toSorted(
    (a, b) => a.partition - b.partition || a.subTopology - b.subTopology,
  )

  const unowned = place(ordered, shares, quota, (share, task) =>
    share.candidate.owned.has(task.name),
  )
  const homeless = place(unowned, shares, quota, (share, task) =>
    share.candidate.onDisk.has(task.name),
  )
  const left = place(homeless, shares, quota, () => true)
  // Only where subscriptions differ: the quota cannot hold for tasks that few members can run.
  for (const task of left)
    choose(
      shares.filter((share) => share.candidate.canRun(task)),
      task,
    )?.tasks.push(task)
  return new Map(shares.map((share) => [share.candidate.memberId, share.tasks]))
}

/** Gives each task to the best member that wants it and has room; returns what nobody took. */
function place(
  tasks: readonly BalancedTask[],
  shares: readonly Share[],
  quota: Quota,
  wants: (share: Share, task: BalancedTask) => boolean,
): readonly BalancedTask[] {
  const left: BalancedTask[] = []
  for (const task of tasks) {
    const able = shares.filter(
      (share) =>
        wants(share, task) && share.candidate.canRun(task) && quota.hasRoom(share.tasks.length),
    )
    const share = choose(able, task)
    if (share === undefined) {
      left.push(task)
      continue
    }
    quota.take(share.tasks.length)
    share.tasks.push(task)
  }
  return left
}

/** Fewest of the same sub-topology, then fewest of all, then the smallest member id. */
function choose(shares: readonly Share[], task: BalancedTask): Share | undefined {
  let best: Share | undefined
  for (const share of shares) {
    if (best === undefined) {
      best = share
      continue
    }
    const same = share.countOf(task.subTopology) - best.countOf(task.subTopology)
    if (same < 0 || (same === 0 && share.tasks.length < best.tasks.length)) best = share
  }
  return best
}

class Share {
  readonly candidate: Candidate
  readonly tasks: BalancedTask[] = []

  constructor(candidate: Candidate) {
    this.candidate = candidate
  }

  countOf(subTopology: number): number {
    return this.tasks.filter((task) => task.subTopology === subTopology).length
  }
}

/** Everybody may have `floor`; as many as the division leaves over may have one more. */
class Quota {
  readonly #floor: number
  #extras: number

  constructor(taskCount: number, memberCount: number) {
    this.#floor = Math.floor(taskCount / memberCount)
    this.#extras = taskCount % memberCount
  }

  hasRoom(held: number): boolean {
    return held < this.#floor || (held === this.#floor && this.#extras > 0)
  }

  take(held: number): void {
    if (held === this.#floor) this.#extras--
  }
}
