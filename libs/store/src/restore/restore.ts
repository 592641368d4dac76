import { assert, MillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import type { StateBackend, WriteOperation } from '../backend.ts'
import { readInt64 } from '../bytes/int64.ts'
import { type ChangeStamp, stampOf } from '../changelog/changelog-record.ts'
import { backendKey, changelogKey, metaKey, windowRange } from '../layout.ts'
import { checkRow, rowRevision, rowValue } from '../rows/row-codec.ts'
import { expiredThroughMeta } from '../rows/row-store.ts'
import type { Positions } from '../task/positions.ts'
import type { CommittedPositions } from '../task/sealed-changes.ts'

export interface RestoreOptions {
  /**
   * The group's committed position (next offset to read) of each of the task's sources, in their
   * order. `null`: nothing is committed, all of that source will be read again.
   */
  readonly committedOffsets: readonly (number | null)[]
  /** Wall clock: the age of a state that has never been committed, should the restore end early. */
  readonly startedAtMs: number
  /** Records per backend batch. Default 5,000. */
  readonly batchRecordsMax?: number
}

/** A changelog record as read; key, value and headers may be views into a fetch buffer. */
export interface RestoredRecord {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

/** What a restore has done so far. */
export interface RestoreCounts {
  readonly applied: number
  /** Written by a commit that did not complete: their input will be read again. */
  readonly passedOver: number
  /** Such records taken in all the same, because compaction has removed what they replaced. */
  readonly takenBeyond: number
  /** Written late by a former owner of the task, over a newer value. */
  readonly stale: number
  /** Rows of windows that had left before, removed at the end. */
  readonly purged: number
}

/** What a restore needs of the state that it restores. */
export interface RestoreTarget {
  readonly backend: StateBackend
  readonly storeIds: ReadonlyMap<string, number>
  readonly windowStores: readonly string[]
  positions(): Positions
  write(operations: readonly WriteOperation[], positions: Positions): Promise<void>
  /** Takes up what the backend has by now. */
  reload(): Promise<void>
}

/**
 * Builds a task's state from its changelogs, in bounded batches, each with the changelog offset it
 * reaches, so that an interrupted restore goes on where it was. Reading the topics, and knowing
 * where they end, is the caller's.
 *
 * Under at-least-once a changelog may end with the changes of a commit whose input offsets never
 * arrived. That input is read again, so its changes are passed over, unless the value before them
 * is gone by compaction: then a change taken in twice is better than one lost.
 */
export class TaskRestore {
  readonly #target: RestoreTarget
  readonly #committedOffsets: readonly (number | null)[]
  /** What the state had read of each source when the restore began. */
  readonly #readBefore: readonly number[]
  readonly #startedAtMs: number
  readonly #batchRecordsMax: number
  /** Changes not yet written, the last one of each key; by the key's bytes as latin1. */
  readonly #pending = new Map<string, WriteOperation>()
  /** First change passed over, by store: see `#flush`. */
  readonly #passedOverAt = new Map<string, number>()
  /** Where the rows taken in last came from, by the key's bytes as latin1; the oldest leave. */
  readonly #sources = new Map<string, ChangeStamp>()
  readonly #counts = { applied: 0, passedOver: 0, takenBeyond: 0, stale: 0, purged: 0 }

  constructor(options: RestoreOptions, target: RestoreTarget) {
    this.#target = target
    this.#committedOffsets = options.committedOffsets
    this.#readBefore = target.positions().inputOffsets.map(({ offset }) => offset)
    this.#startedAtMs = options.startedAtMs
    this.#batchRecordsMax = options.batchRecordsMax ?? 5_000
  }

  get counts(): RestoreCounts {
    return { ...this.#counts }
  }

  /**
   * Takes in records of one store's changelog, in their order; `nextOffset` is where to read on
   * after them (past control markers and compacted offsets). Written when it resolves. Rejects
   * with `MILLRACE_STORE_CHANGELOG` on a record that is no changelog record of this task.
   */
  async apply(
    storeName: string,
    records: Iterable<RestoredRecord>,
    nextOffset: number,
  ): Promise<void> {
    const storeId = this.#target.storeIds.get(storeName)
    assert(storeId !== undefined, `restored store ${storeName} is one of the task's`)
    for (const record of records) {
      this.#take(storeName, storeId, record)
      if (this.#pending.size < this.#batchRecordsMax) continue
      await this.#flush(storeName, record.offset + 1)
    }
    await this.#flush(storeName, nextOffset)
  }

  /** Ends the restore: closed windows leave, the positions are recorded, the stores are usable. */
  async finish(committed: CommittedPositions): Promise<RestoreCounts> {
    for (const storeName of this.#target.windowStores) await this.#purgeExpired(storeName)
    const positions = this.#target.positions()
    await this.#target.write([], {
      inputOffsets: committed.inputOffsets,
      changelogOffsets: new Map([...positions.changelogOffsets, ...committed.changelogOffsets]),
      committedAtMs: committed.atMs,
    })
    await this.#target.reload()
    return this.counts
  }

  #take(storeName: string, storeId: number, record: RestoredRecord): void {
    const { key, value } = record
    const stamp = stampOf(record.headers)
    const committed = stamp === undefined ? undefined : this.#committedOffsets[stamp.sourceIndex]
    if (key === null || key.length === 0 || stamp === undefined || committed === undefined) {
      throw new MillraceError('MILLRACE_STORE_CHANGELOG', {
        message:
          stamp === undefined || key === null
            ? `changelog of store ${storeName}, offset ${record.offset}: not a changelog record`
            : `changelog of store ${storeName}, offset ${record.offset}: written by a plan with ` +
              `more than the ${this.#committedOffsets.length} sources of this one`,
      })
    }
    if (value !== null) checkRow(key, value, `the changelog of store ${storeName}`)
    const change = { key: backendKey(storeId, key), value }
    if (this.#counted(change, stamp, committed ?? 0)) {
      this.#pending.set(change.key.toString('latin1'), change)
    } else if (isInDoubt(stamp, committed ?? 0) && !this.#passedOverAt.has(storeName)) {
      this.#passedOverAt.set(storeName, record.offset)
    }
  }

  /** Decides whether a change is taken in, and counts it. */
  #counted(change: WriteOperation, stamp: ChangeStamp, committedOffset: number): boolean {
    const isDoubtful = isInDoubt(stamp, committedOffset)
    const revisionBefore = stamp.kind === 'put' ? this.#revisionOf(change.key) : 0
    // At most one commit is in doubt, so what it replaced has the revision just below its own.
    // Where that is missing although it must have been written, compaction has removed it.
    const isPredecessorLost = stamp.kind === 'put' && revisionBefore < stamp.revision - 1
    if (isDoubtful && !isPredecessorLost) {
      this.#counts.passedOver++
      return false
    }
    if (stamp.kind === 'put' && this.#isStale(change.key, stamp, revisionBefore)) {
      this.#counts.stale++
      return false
    }
    if (isDoubtful) this.#counts.takenBeyond++
    this.#counts.applied++
    return true
  }

  /**
   * A process that was stopped and woke up may write its last commit behind those of the task's new
   * owner. Revisions of a key only rise until it is deleted; where the new owner has changed the row
   * in one commit so far, both have the same, and the later source decides.
   */
  #isStale(keyInBackend: Buffer, stamp: ChangeStamp, revisionBefore: number): boolean {
    const { sourceIndex, sourceOffset, revision } = stamp
    const key = keyInBackend.toString('latin1')
    const last = this.#sources.get(key)
    const isBehind = last?.sourceIndex === sourceIndex && sourceOffset < last.sourceOffset
    const isInState = sourceOffset >= 0 && sourceOffset < (this.#readBefore[sourceIndex] ?? 0)
    if (isInState || revision < revisionBefore || (revision === revisionBefore && isBehind)) {
      return true
    }
    this.#sources.delete(key)
    this.#sources.set(key, stamp)
    const [oldest] = this.#sources.keys()
    if (this.#sources.size > sourcesMax && oldest !== undefined) this.#sources.delete(oldest)
    return false
  }

  /** 0 where there is no row. */
  #revisionOf(keyInBackend: Buffer): number {
    const pending = this.#pending.get(keyInBackend.toString('latin1'))
    const row = pending === undefined ? this.#target.backend.getSync(keyInBackend) : pending.value
    return row ? rowRevision(row) : 0
  }

  /**
   * The position recorded stays at the first change passed over. It may have been committed since
   * the offsets were read, by a new owner of the task: who opens this state after that needs it.
   * Our own commit, should there be one, records the position behind what it wrote in its place.
   */
  async #flush(storeName: string, nextOffset: number): Promise<void> {
    const positions = this.#target.positions()
    const passedOverAt = this.#passedOverAt.get(storeName) ?? nextOffset
    const changelogOffset = Math.min(nextOffset, passedOverAt)
    const changelogOffsets = new Map(positions.changelogOffsets).set(storeName, changelogOffset)
    const committedAtMs = positions.committedAtMs < 0 ? this.#startedAtMs : positions.committedAtMs
    await this.#target.write([...this.#pending.values()], {
      ...positions,
      changelogOffsets,
      committedAtMs,
    })
    this.#pending.clear()
  }

  async #purgeExpired(storeName: string): Promise<void> {
    const { backend, storeIds } = this.#target
    const storeId = storeIds.get(storeName) as number
    const key = metaKey(storeId, expiredThroughMeta)
    const meta = backend.getSync(key)
    if (meta === undefined) return
    checkRow(changelogKey(key), meta, backend.location)
    const range = windowRange(storeId, 0, readInt64(rowValue(meta), 0) + 1)
    let operations: WriteOperation[] = []
    for await (const expired of backend.keys(range)) {
      operations.push({ key: expired, value: null })
      this.#counts.purged++
      if (operations.length < this.#batchRecordsMax) continue
      await this.#target.write(operations, this.#target.positions())
      operations = []
    }
    await this.#target.write(operations, this.#target.positions())
  }
}

/** Rows whose source a restore remembers: a late write stands close behind the one that it repeats. */
const sourcesMax = 50_000

/** Made from a record beyond the committed position. */
function isInDoubt({ sourceOffset }: ChangeStamp, committedOffset: number): boolean {
  return sourceOffset >= 0 && sourceOffset >= committedOffset
}
