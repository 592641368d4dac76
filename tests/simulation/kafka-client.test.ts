import { isMillraceError } from '@millrace/errors'
import { BatchCursor, type Cluster, type TransactionalProducer } from '@millrace/kafka'
import { noHeaders } from '@millrace/record'
import {
  createSimulatedCluster,
  type FaultInjector,
  type Random,
  randomFaults,
  type SimulatedCluster,
  seededRandom,
  VirtualClock,
} from '@millrace/simulation'
import { describe, expect, test } from 'vitest'

const seeds = Array.from({ length: Number(process.env['SIMULATION_SEEDS'] ?? 40) }, (_, n) => n + 1)
const partitions = [0, 1, 2, 3] as const
const group = { groupId: 'g', memberId: '', generation: -1, groupInstanceId: null }

/** Values by partition, in order. */
type Values = string[][]
const noValues = (): Values => partitions.map(() => [])

/** Lost requests and answers, repeated requests, passing errors, moving leaders and coordinators. */
function faults(random: Random, cluster: SimulatedCluster): FaultInjector {
  const injector = randomFaults(random, {
    delay: 0.2,
    disconnect: 0.03,
    lostAnswer: 0.05,
    repeat: 0.05,
    passingError: 0.05,
  })
  return {
    before(call) {
      const topic = random.chance(0.5) ? 'plain' : 'transacted'
      if (random.chance(0.02)) cluster.moveLeader(topic, random.int(partitions.length))
      const [kind, key] = random.chance(0.5)
        ? (['transaction', 'tx'] as const)
        : (['group', 'g'] as const)
      if (random.chance(0.02)) cluster.moveCoordinator(kind, key, { loadingMs: random.int(50) })
      return injector.before?.(call)
    },
    after: (call) => injector.after?.(call),
  }
}

/** One client among faults: what it meant to write, and what its own reader got. */
class Run {
  readonly clock = new VirtualClock()
  readonly cluster = createSimulatedCluster({ clock: this.clock, brokerCount: 3, markerDelayMs: 5 })
  readonly meant = { plain: noValues(), transacted: noValues() }
  readonly read = noValues()
  readonly #random: Random
  readonly #client: Cluster
  #writersLeft = 2

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    for (const topic of ['plain', 'transacted']) {
      this.cluster.createTopic(topic, { partitionCount: partitions.length })
    }
    this.cluster.faults = faults(this.#random, this.cluster)
    this.#client = this.cluster.client()
  }

  async toTheEnd(): Promise<void> {
    const work = Promise.all([this.#writePlainly(), this.#writeInTransactions(), this.#readAll()])
    await this.clock.run(work, 3_600_000)
    await this.#client.close()
    await this.cluster.close()
  }

  written(topic: 'plain' | 'transacted'): Values {
    return partitions.map((partition) =>
      this.cluster.readAll(topic, partition).map(({ value }) => String(value)),
    )
  }

  async #writePlainly(): Promise<void> {
    const producer = this.#client.producer({ batchMaxBytes: 300 })
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 20; i++)
        this.#append(producer, 'plain', `p${round}-${i}`, this.meant.plain)
      for (const { partition, offset } of await producer.flush()) {
        expect(offset).toBe(this.cluster.endOffset('plain', partition))
      }
    }
    await producer.close()
    this.#writersLeft--
  }

  async #writeInTransactions(): Promise<void> {
    const producer = this.#client.transactionalProducer({
      transactionalId: 'tx',
      transactionTimeoutMs: 60_000,
      batchMaxBytes: 300,
    })
    await producer.init()
    for (let n = 0; n < 15; n++) {
      const values = noValues()
      const isCommitted = await this.#transaction(producer, n, values)
      if (isCommitted)
        for (const p of partitions) this.meant.transacted[p]?.push(...(values[p] ?? []))
    }
    await producer.close()
    this.#writersLeft--
  }

  async #transaction(producer: TransactionalProducer, n: number, values: Values): Promise<boolean> {
    const random = this.#random
    try {
      producer.begin()
      const count = random.int(12)
      for (let i = 0; i < count; i++) this.#append(producer, 'transacted', `t${n}-${i}`, values)
      if (random.chance(0.5)) await producer.flush()
      const offsets = [{ topic: 'plain', partition: 0, offset: n }]
      if (random.chance(0.5)) await producer.sendOffsets(offsets, group)
      const isCommit = random.chance(0.7)
      await (isCommit ? producer.commit() : producer.abort())
      return isCommit
    } catch (error) {
      if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_ABORTABLE') throw error
      await producer.abort()
      return false
    }
  }

  #append(
    to: Pick<TransactionalProducer, 'append'>,
    topic: string,
    value: string,
    meant: Values,
  ): void {
    const partition = this.#random.int(partitions.length)
    to.append(topic, partition, null, Buffer.from(value), this.clock.nowMs(), noHeaders)
    meant[partition]?.push(value)
  }

  /** Reads while it is written, in small fetches, with pauses and moves to where it stands. */
  async #readAll(): Promise<void> {
    const fetcher = this.#client.fetcher({
      isolation: 'read_committed',
      partitionMaxBytes: 200,
      bufferMaxBytes: 1_000,
      maxWaitMs: 50,
    })
    const positions: number[] = partitions.map(() => 0)
    const at = (partition: number) => ({ topic: 'transacted', partition })
    fetcher.assign(partitions.map((partition) => ({ ...at(partition), offset: 0 })))
    const isAtEnd = (p: number) => (positions[p] ?? 0) >= this.cluster.endOffset('transacted', p)
    while (this.#writersLeft > 0 || !partitions.every(isAtEnd)) {
      const chosen = this.#random.int(partitions.length)
      if (this.#random.chance(0.1)) {
        fetcher.pause([at(chosen)])
        this.clock.setTimer(20, () => fetcher.resume([at(chosen)]))
      }
      if (this.#random.chance(0.05))
        fetcher.add([{ ...at(chosen), offset: positions[chosen] ?? 0 }])
      for (const fetched of await fetcher.poll(100)) {
        expect(fetched.offset).toBe(positions[fetched.partition])
        const cursor = new BatchCursor()
        for (const batch of fetched.batches) {
          for (cursor.load(batch); cursor.next(); ) {
            if (cursor.offset >= fetched.offset)
              this.read[fetched.partition]?.push(String(cursor.value()))
          }
        }
        positions[fetched.partition] = fetched.nextOffset
      }
    }
    await fetcher.close()
  }
}

describe('the Kafka client among faults', () => {
  test.each(seeds)('seed %i: everything is written and read once and in order', async (seed) => {
    const run = new Run(seed)
    await run.toTheEnd()
    expect(run.written('plain')).toEqual(run.meant.plain)
    expect(run.written('transacted')).toEqual(run.meant.transacted)
    expect(run.read).toEqual(run.meant.transacted)
  })
})
