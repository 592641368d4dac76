import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, createCluster, createKafkajsTransport } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { systemClock } from '@millrace/time'
import { readTopic, type TopicRecord } from '../../../tools/demo/read-topic.ts'
import { produce, type RawInput } from './input.ts'
import { Processor } from './processor.ts'
import { until } from './until.ts'

export interface SceneOptions {
  readonly brokers: string
  /** Partitions by topic, without the scene's prefix. */
  readonly topics: Readonly<Record<string, number>>
}

/** Event times lie in the past: nothing may be deleted for its age. */
const kept = { 'retention.ms': '-1' }

/**
 * What one test has to itself on the shared broker: topics, a group, a folder for states, and the
 * processors that it starts. All of it ends with the test.
 */
export class Scene {
  /** Before the name of each topic; also the application's id and so the group's. */
  readonly name = `it-${randomUUID().slice(0, 8)}`
  readonly brokers: string
  readonly cluster: Cluster
  readonly dir = mkdtempSync(join(tmpdir(), 'millrace-integration-'))
  readonly #partitionCounts: Readonly<Record<string, number>>
  readonly #processors: Processor[] = []
  readonly #endings: (() => Promise<unknown>)[] = []

  private constructor({ brokers, topics }: SceneOptions) {
    this.brokers = brokers
    this.#partitionCounts = topics
    this.cluster = connect(brokers, this.name)
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const scene = new Scene(options)
    await scene.cluster.connect()
    for (const [topic, count] of Object.entries(options.topics)) await scene.create(topic, count)
    return scene
  }

  topic(name: string): string {
    return `${this.name}-${name}`
  }

  create(
    name: string,
    partitionCount: number,
    configs: Record<string, string> = {},
  ): Promise<void> {
    return this.cluster.admin.createTopics([
      { topic: this.topic(name), partitionCount, configs: { ...kept, ...configs } },
    ])
  }

  /** Starts a processor; the same `state`, the same directory. */
  processor(
    topology: string,
    state: string,
    env: Record<string, string> = {},
    script?: readonly string[],
  ): Processor {
    const settings = {
      MILLRACE_KAFKA_BROKERS: this.brokers,
      MILLRACE_APPLICATION_ID: this.name,
      MILLRACE_TOPOLOGY: join(import.meta.dirname, 'topologies', topology),
      MILLRACE_STATE_DIRECTORY: this.stateDirectory(state),
      MILLRACE_COMMIT_INTERVAL: '500ms',
      SCENE: this.name,
      ...env,
    }
    const processor = new Processor(settings, script)
    this.#processors.push(processor)
    return processor
  }

  stateDirectory(state: string): string {
    return join(this.dir, state)
  }

  feed(topic: string, inputs: readonly RawInput[]): Promise<void> {
    return produce(this.cluster, this.topic(topic), inputs)
  }

  /** All records of a topic, by partition in offset order. */
  async read(topic: string): Promise<readonly (readonly TopicRecord[])[]> {
    return readTopic(this.cluster, this.topic(topic))
  }

  /** Waits until the group has committed everything that lies in these topics now. */
  async consumed(...topics: readonly string[]): Promise<void> {
    for (const topic of topics) {
      const ends = await this.cluster.listOffsets(
        this.#partitions(topic),
        'latest',
        'read_committed',
      )
      await this.until(`the group has committed ${topic}`, async () => {
        const committed = await this.committed(topic)
        return ends.every(({ partition, offset }) => (committed[partition] ?? 0) >= offset)
      })
    }
  }

  /** The group's committed offset of each partition; 0 where there is none. */
  async committed(topic: string): Promise<readonly number[]> {
    const partitions = this.#partitions(topic)
    const found = await this.cluster.committedOffsets(this.name, partitions, {
      requireStable: true,
    })
    const byPartition = new Map(found.map(({ partition, offset }) => [partition, offset]))
    return partitions.map(({ partition }) => byPartition.get(partition) ?? 0)
  }

  /** Whatever else must end with the scene, while its broker is still there. */
  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.push(ending)
  }

  /** As `until`; on failure with the ends of all processors' logs. */
  until<T>(what: string, condition: () => T | Promise<T>, limitMs = 120_000) {
    const explain = (): string => this.#processors.map((each) => each.tail()).join('\n---\n')
    return until(what, condition, { limitMs, explain })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#endings.map((ending) => ending()))
    await Promise.all(this.#processors.map((processor) => processor.end('SIGKILL')))
    await this.cluster.close()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  #partitions(topic: string): readonly TopicPartition[] {
    const count = this.#partitionCounts[topic] ?? 1
    return Array.from({ length: count }, (_, partition) => ({
      topic: this.topic(topic),
      partition,
    }))
  }
}

/** A client of the test itself. */
export function connect(brokers: string, clientId: string): Cluster {
  const connection = { brokers: brokers.split(','), clientId }
  return createCluster({
    transport: createKafkajsTransport(connection, () => {}, systemClock),
    clock: systemClock,
  })
}
