import { noFaults } from '@millrace/simulation'
import { json, type Topology, topology } from 'millrace'
import { type TestWorker, World } from '../../simulation/fixture.ts'
import type { NamedResult, NamedStep } from './named-case.ts'

const partitionCount = 2
/** Long enough that what follows a commit stays uncommitted until a test has looked at it. */
const commitIntervalMs = 5_000

/** A record of the output. */
export type Written = readonly [key: string, value: number]

/** X01 and X03. */
export const copying = topology((t) => {
  t.stream('in', { value: json<number>() }).to('out')
})

/** X02 and X04: a running sum per key in a store. */
export const summing = topology((t) => {
  t.stream('in', { value: json<number>() })
    .groupByKey()
    .reduce((sum, value) => sum + value, { name: 'sums', everyUpdate: true })
    .to('out')
})

/** Two workers under exactly-once, two partitions, and what a case does to them. */
export class FailureRun {
  readonly it: World
  #workers: TestWorker[]
  #produced = 0

  private constructor(program: Topology) {
    this.it = new World(program)
    for (const topic of ['in', 'out']) this.it.cluster.createTopic(topic, { partitionCount })
    const options = { guarantee: 'exactly_once', commitIntervalMs } as const
    this.#workers = [this.it.start(options), this.it.start(options)]
  }

  static async start(program: Topology): Promise<FailureRun> {
    const run = new FailureRun(program)
    await run.it.until(() => run.#workers.every(({ worker }) => worker.tasks().length === 1))
    return run
  }

  async perform(step: NamedStep): Promise<void> {
    switch (step.op) {
      case 'produce':
        return this.#produce(step)
      case 'waitCommit':
        return this.it.until(() => this.committed().length === this.#produced)
      case 'crashOneThread': {
        // What the next record would follow is written by then, and not committed.
        await this.it.until(() => this.uncommittedTotal() >= this.#produced)
        await this.#workers.shift()?.kill()
        return
      }
      case 'stallOneInstance':
        await this.it.until(() => this.uncommittedTotal() >= this.#produced)
        this.it.cluster.faults = {
          before: ({ clientId }) => (clientId === 'worker-0' ? { kind: 'disconnect' } : undefined),
        }
        return
      case 'resumeInstance':
        this.it.cluster.faults = noFaults
        return
      case 'cleanClose':
        return this.close()
      default:
        throw new Error(`no step '${String(step.op)}'`)
    }
  }

  /** All records of the output that a reader of committed records sees. */
  committed(): readonly Written[] {
    return this.it.cluster.readAll('out').map(written)
  }

  uncommittedTotal(): number {
    return this.it.cluster.readAll('out', undefined, 'read_uncommitted').length
  }

  /** Waits until all that was produced is committed, and then as long again for more. */
  async settle(): Promise<void> {
    await this.it.until(() => this.committed().length >= this.#produced)
    await this.it.clock.advance(3 * commitIntervalMs)
  }

  /** Ends the workers that are left; throws what one of them failed for. */
  async close(): Promise<void> {
    await this.it.stop(...this.#workers)
    for (const { worker } of this.#workers.splice(0)) if (worker.error !== null) throw worker.error
  }

  /** Disks of the workers that ran, in their order. */
  get backends() {
    return this.#workers.map(({ backends }) => backends)
  }

  /** Every key gets all the values; the first key lies in the first partition, and so on. */
  #produce({ perPartition, n }: NamedStep): void {
    const isNumbered = typeof perPartition !== 'string'
    const text = isNumbered ? `values 0..${Number(n) / partitionCount - 1}` : perPartition
    const [, from, to] = /values (\d+)\.\.(\d+)/.exec(text) ?? []
    const keys = /keys ([\d,]+\d)/.exec(text)?.[1]?.split(',') ?? ['0', '1']
    for (let nth = Number(from); nth <= Number(to); nth++) {
      // A case that gives no values means records that can be told apart.
      const value = isNumbered ? this.#produced : nth
      for (const [number, key] of keys.entries()) {
        this.it.cluster.append('in', number % partitionCount, {
          key: Buffer.from(key),
          value: Buffer.from(JSON.stringify(value)),
          timestampMs: nth,
        })
        this.#produced++
      }
    }
  }
}

function written({ key, value }: { readonly key: unknown; readonly value: unknown }): Written {
  return [String(key), JSON.parse(String(value)) as number]
}

/** What a case says of the output after a step, against what is there. */
export async function outputDifference(
  run: FailureRun,
  expected: NamedResult,
): Promise<string | null> {
  const { readUncommittedTotal, perKeyOrder, duplicates } = expected
  if (readUncommittedTotal !== undefined) {
    const total = Number(readUncommittedTotal)
    await run.it.until(() => run.uncommittedTotal() >= total)
    return run.uncommittedTotal() === total ? null : `${run.uncommittedTotal()} records written`
  }
  const wanted = Number(expected.readCommittedTotal ?? expected.readCommitted)
  await run.settle()
  const all = run.committed()
  if (all.length !== wanted) return `${all.length} records committed, expected ${wanted}`
  const repeated = all.length - new Set(all.map(String)).size
  if (duplicates !== undefined && repeated !== duplicates) return `${repeated} duplicates`
  return perKeyOrder === true ? orderDifference(all) : null
}

/** The values of a key only rise. */
function orderDifference(all: readonly Written[]): string | null {
  const last = new Map<string, number>()
  for (const [key, value] of all) {
    if (value <= (last.get(key) ?? -1)) return `${value} of key ${key} out of order`
    last.set(key, value)
  }
  return null
}
