import { BatchCursor, type Cluster, type Fetcher, type Producer } from '@millrace/kafka'
import type { Cell, Counters, HistogramCell } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import { canaryTopics } from '@millrace/topology'

export interface CanaryOptions {
  readonly applicationId: string
  /** Tells this run of this process from all others. */
  readonly runId: string
  readonly intervalMs: number
  readonly cluster: Cluster
  readonly counters: Counters
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
}

/** Of a probe and its echo. */
interface Probe {
  readonly run: string
  readonly number: number
  readonly partition: number
}

/** A probe that is not back by then is lost: its topic keeps it no longer. */
const lostAfterMs = 600_000
const pollMs = 200
const pauseMs = 1_000

/**
 * Sends probes to every partition of the canary's topic and waits for what the workers' canary tasks make
 * of them, read committed: so each has been fetched, processed, written and committed by a worker,
 * whichever has the task. What fails is tried again; that it fails is told by the echoes that stay away.
 */
export class Canary {
  readonly #options: CanaryOptions
  readonly #sent: Cell
  readonly #roundtrip: HistogramCell
  readonly #lastSuccess: Cell[] = []
  /** When each probe under way was sent, by its number. */
  readonly #underWay = new Map<number, number>()
  #number = 0
  #nextAtMs = Number.NEGATIVE_INFINITY
  #isSending = false
  #isStopped = false

  constructor(options: CanaryOptions) {
    this.#options = options
    this.#sent = options.counters.cell('millrace_canary_probes_total')
    this.#roundtrip = options.counters.histogram('millrace_canary_roundtrip_seconds')
  }

  start(): void {
    this.#run().catch(this.#options.onTrouble)
  }

  /** Nothing waits for it: where no broker answers, the last attempt may take long. */
  stop(): void {
    this.#isStopped = true
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#watch()
      } catch (error) {
        this.#options.onTrouble(error)
        await this.#pause()
      }
    }
    await this.#options.cluster.close()
  }

  /** Until it is stopped, or something fails. */
  async #watch(): Promise<void> {
    const { cluster, applicationId } = this.#options
    const { probes, echoes } = canaryTopics(applicationId)
    await cluster.connect()
    const [probeCount, echoCount] = await Promise.all([this.#made(probes), this.#made(echoes)])
    if (this.#isStopped) return
    const partitions = Array.from({ length: echoCount }, (_, partition) => ({
      topic: echoes,
      partition,
    }))
    const fetcher = cluster.fetcher({ isolation: 'read_committed', maxWaitMs: pollMs })
    const producer = cluster.producer({})
    try {
      fetcher.assign(await cluster.listOffsets(partitions, 'latest', 'read_committed'))
      while (!this.#isStopped) {
        this.#send(producer, probes, probeCount)
        await this.#hear(fetcher)
      }
    } finally {
      await Promise.allSettled([fetcher.close(), producer.close()])
    }
  }

  /** The partitions of a topic, once a worker has made it. */
  async #made(topic: string): Promise<number> {
    while (!this.#isStopped) {
      const found = (await this.#options.cluster.metadata([topic])).get(topic)
      if (found !== undefined) return found.partitionCount
      await this.#pause()
    }
    return 0
  }

  #send(producer: Producer, topic: string, partitionCount: number): void {
    const { clock, intervalMs, runId: run } = this.#options
    const nowMs = clock.monotonicMs()
    // While a broker is away no probes pile up: those that are under way are enough.
    if (nowMs < this.#nextAtMs || this.#isSending) return
    this.#nextAtMs = nowMs + intervalMs
    this.#forget(nowMs)
    for (let partition = 0; partition < partitionCount; partition++) {
      const probe: Probe = { run, number: this.#number++, partition }
      const bytes = Buffer.from(JSON.stringify(probe))
      producer.append(topic, partition, Buffer.from(run), bytes, clock.nowMs(), [])
      this.#underWay.set(probe.number, nowMs)
      this.#lastSuccess[partition] ??= this.#firstSuccess(partition)
      this.#sent.add(1)
    }
    this.#isSending = true
    const sent = (): void => {
      this.#isSending = false
    }
    producer.flush().then(sent, (error: unknown) => {
      sent()
      this.#options.onTrouble(error)
    })
  }

  /** None yet: counted from now. */
  #firstSuccess(partition: number): Cell {
    const labels = { partition: String(partition) }
    const cell = this.#options.counters.cell(
      'millrace_canary_last_success_timestamp_seconds',
      labels,
    )
    cell.set(this.#options.clock.nowMs() / 1_000)
    return cell
  }

  async #hear(fetcher: Fetcher): Promise<void> {
    const cursor = new BatchCursor()
    for (const { batches } of await fetcher.poll(pollMs)) {
      for (const batch of batches) {
        cursor.load(batch)
        while (cursor.next()) this.#heard(cursor.value())
      }
    }
  }

  #heard(bytes: Buffer | null): void {
    const probe = parsed(bytes)
    const { clock, runId } = this.#options
    if (probe === undefined || probe.run !== runId) return
    const sentAtMs = this.#underWay.get(probe.number)
    // Twice under at-least-once.
    if (sentAtMs === undefined) return
    this.#underWay.delete(probe.number)
    this.#roundtrip.observe((clock.monotonicMs() - sentAtMs) / 1_000)
    this.#lastSuccess[probe.partition]?.set(clock.nowMs() / 1_000)
  }

  #forget(nowMs: number): void {
    for (const [number, sentAtMs] of this.#underWay) {
      if (nowMs - sentAtMs < lostAfterMs) return
      this.#underWay.delete(number)
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimer(pauseMs, resolve))
  }
}

/** Undefined where somebody else wrote it. */
function parsed(bytes: Buffer | null): Probe | undefined {
  if (bytes === null) return undefined
  try {
    const probe = JSON.parse(bytes.toString()) as Partial<Probe> | null
    const { run, number, partition } = probe ?? {}
    const isProbe = run !== undefined && number !== undefined && partition !== undefined
    return isProbe ? { run, number, partition } : undefined
  } catch {
    return undefined
  }
}
