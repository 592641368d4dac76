import { MillraceError } from '@millrace/errors'
import type { CancelTimer, Clock } from '@millrace/time'
import type { Transport } from '../../ports/transport.ts'
import { errorFor, isRetriable } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import type { Closing } from '../closing.ts'
import { backoffMs, isRetriableError } from '../retry.ts'
import { isMissing, noLeader, type TopicEntry, toTopicEntry } from './topic-metadata.ts'

export interface MetadataCacheOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly closing: Closing
}

/** Called with null after an answer, with the error where asking again cannot help. */
export type RefreshListener = (error: Error | null) => void

/** A broker that starts, or a topic just created, may be unknown for a moment. */
const missingAfterMs = 10_000
/** A request for a refresh this long after the last one starts without waiting. */
const calmAfterMs = 5_000

/**
 * Who leads which partition, of the topics asked about so far. One Metadata request at a time:
 * who asks while one is under way, for topics that it covers, gets its answer.
 */
export class MetadataCache {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #closing: Closing
  readonly #topics = new Map<string, TopicEntry>()
  readonly #missingSinceMs = new Map<string, number>()
  readonly #listeners = new Set<RefreshListener>()
  #brokerIds: readonly number[] = []
  #underWay: { readonly topics: ReadonlySet<string>; readonly done: Promise<void> } | null = null
  #soon: { readonly topics: Set<string>; cancel: CancelTimer } | null = null
  #requestsInARow = 0
  #lastRequestAtMs = Number.NEGATIVE_INFINITY

  constructor(options: MetadataCacheOptions) {
    this.#transport = options.transport
    this.#clock = options.clock
    this.#closing = options.closing
    options.closing.onClose(() => this.#soon?.cancel())
  }

  /** As last heard; undefined for a topic never asked about. */
  topic(topic: string): TopicEntry | undefined {
    return this.#topics.get(topic)
  }

  /** The leader's broker id, -1 where none is known. */
  leader(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaders[partition] ?? noLeader
  }

  /** The epoch of that leader (KIP-320), -1 where none is known. */
  leaderEpoch(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaderEpochs[partition] ?? -1
  }

  /**
   * Why the topic cannot be used, where waiting does not help: it may not be read, or the cluster has
   * long enough said that there is no such topic.
   */
  topicError(topic: string): MillraceError | null {
    const entry = this.#topics.get(topic)
    if (entry === undefined || entry.errorCode === kafkaError.NONE) return null
    if (!isRetriable(entry.errorCode))
      return errorFor(entry.errorCode, `metadata of topic ${topic}`)
    const sinceMs = this.#missingSinceMs.get(topic)
    if (sinceMs === undefined || this.#clock.monotonicMs() - sinceMs < missingAfterMs) return null
    return new MillraceError('MILLRACE_KAFKA_TOPIC_MISSING', {
      message: `topic ${topic} does not exist`,
    })
  }

  /** Brokers that the cluster named last; empty before the first answer. */
  get brokerIds(): readonly number[] {
    return this.#brokerIds
  }

  /** Told after each refresh; the result takes the listener away. */
  onRefresh(listener: RefreshListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks now. Rejects as the transport does. */
  async refresh(topics: Iterable<string>): Promise<void> {
    const wanted = new Set(topics)
    while (this.#underWay !== null) {
      const { topics: covered, done } = this.#underWay
      if ([...wanted].every((topic) => covered.has(topic))) return done
      await done.catch(() => {})
    }
    const done = this.#ask(wanted)
    this.#underWay = { topics: wanted, done }
    return done.finally(() => {
      this.#underWay = null
    })
  }

  /**
   * Asks in the background, after a pause that grows while the refreshes follow each other, and
   * again until an answer comes. Cheap to call for every error in an answer.
   */
  refreshSoon(topic: string): void {
    if (this.#closing.isClosed) return
    if (this.#soon !== null) {
      this.#soon.topics.add(topic)
      return
    }
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#lastRequestAtMs > calmAfterMs) this.#requestsInARow = 0
    const delayMs = this.#requestsInARow === 0 ? 0 : backoffMs(this.#requestsInARow)
    this.#requestsInARow++
    const topics = new Set([topic])
    this.#soon = { topics, cancel: this.#clock.setTimer(delayMs, () => this.#refreshNow(topics)) }
  }

  #refreshNow(topics: ReadonlySet<string>): void {
    this.#soon = null
    this.refresh(topics).catch((error: unknown) => {
      if (isRetriableError(error)) for (const topic of topics) this.refreshSoon(topic)
      else this.#tell(error as Error)
    })
  }

  async #ask(topics: ReadonlySet<string>): Promise<void> {
    this.#lastRequestAtMs = this.#clock.monotonicMs()
    const answer = await this.#transport.metadata([...topics])
    for (const topic of answer.topics) this.#keep(topic.topic, toTopicEntry(topic))
    this.#brokerIds = answer.brokers.map(({ nodeId }) => nodeId)
    this.#tell(null)
  }

  #tell(error: Error | null): void {
    for (const listener of this.#listeners) listener(error)
  }

  #keep(topic: string, entry: TopicEntry): void {
    this.#topics.set(topic, entry)
    if (!isMissing(entry)) this.#missingSinceMs.delete(topic)
    else if (!this.#missingSinceMs.has(topic))
      this.#missingSinceMs.set(topic, this.#clock.monotonicMs())
  }
}
