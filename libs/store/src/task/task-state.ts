import { assert, MillraceError } from '@millrace/errors'
import type { StateBackend, WriteOperation } from '../backend.ts'
import { identityKey, positionsKey } from '../layout.ts'
import { type RestoreOptions, TaskRestore } from '../restore/restore.ts'
import { RowStore, type RowStoreCounts } from '../rows/row-store.ts'
import { type StoredRow, storedRows } from '../rows/stored-rows.ts'
import type { Store, StoreSpec } from '../store.ts'
import {
  decodePositions,
  encodePositions,
  noPositions,
  type Positions,
  type SourcePosition,
} from './positions.ts'
import type { CommittedPositions, SealedChanges, SealedStore } from './sealed-changes.ts'
import {
  assignStoreIds,
  checkOwner,
  encodeIdentity,
  type RecordedIdentity,
  readIdentity,
  type TaskIdentity,
} from './task-identity.ts'

export interface TaskStateOptions {
  /** Given over: `close` closes it. */
  readonly backend: StateBackend
  readonly stores: readonly StoreSpec[]
  readonly identity: TaskIdentity
  /** Set by the task before each record. */
  readonly position: SourcePosition
  /** Rows kept in memory between commits, shared evenly by the stores. */
  readonly cacheRowsMax: number
  /** The same in bytes, as the backend has them. Default 16 MiB. */
  readonly cacheBytesMax?: number
  /** Rows of expired windows that leave with one commit, per store. Default 100,000. */
  readonly expiredRowsMax?: number
}

/**
 * Everything one task remembers: all its stores over one backend, and how far they go. The commit
 * is `seal` (changes as bytes, for the changelog topics) and, once the cluster has them, `apply`
 * (the same bytes and the positions, in one backend batch). Records may be processed between the
 * two; a second `seal` may not come before the first is applied.
 */
export class TaskState {
  readonly #options: TaskStateOptions
  readonly #stores: ReadonlyMap<string, RowStore<unknown, unknown>>
  readonly #identity: RecordedIdentity
  /** Whether the backend does not have `#identity` yet; it goes out with the next batch. */
  #isIdentityPending = true
  #positions: Positions
  #sealed: SealedChanges | undefined

  /** What the backend held at the open; `undefined` where it was empty. */
  readonly recorded: RecordedIdentity | undefined

  private constructor(
    options: TaskStateOptions,
    recorded: RecordedIdentity | undefined,
    positions: Positions,
  ) {
    this.#options = options
    this.recorded = recorded
    this.#positions = positions
    this.#identity = assignStoreIds(recorded, options.identity, options.stores)
    this.#stores = new Map(options.stores.map((spec) => [spec.name, this.#makeStore(spec)]))
  }

  /**
   * Opens what the backend holds. Rejects with `MILLRACE_STORE_FOREIGN`, `MILLRACE_STORE_CORRUPT`
   * or `MILLRACE_STORE_VERSION` (recovery `restore-task`: destroy the backend, restore from the
   * changelog), and with `MILLRACE_STORE_KIND_CHANGED`. A fingerprint or store version that differs
   * from `recorded` is the caller's to judge; nothing is written before the first commit or restore.
   */
  static async open(options: TaskStateOptions): Promise<TaskState> {
    const { backend, identity } = options
    const recorded = await readIdentity(backend)
    if (recorded !== undefined) checkOwner(recorded, identity, backend.location)
    const bytes = backend.getSync(positionsKey)
    // They are written together: rows of unknown age are worth nothing.
    if (recorded !== undefined && bytes === undefined) {
      throw new MillraceError('MILLRACE_STORE_CORRUPT', {
        message: `${backend.location} does not say how far its state goes`,
      })
    }
    const positions = bytes === undefined ? noPositions : decodePositions(bytes, backend.location)
    const state = new TaskState(options, recorded, positions)
    await state.#load()
    return state
  }

  /** Of the last commit (or restore). */
  get positions(): Positions {
    return this.#positions
  }

  store<K, V>(name: string): Store<K, V> {
    return this.#store(name) as Store<unknown, unknown> as Store<K, V>
  }

  /** Rows that stay in memory until the next commit: commit early where they grow too many. */
  uncommittedRows(): number {
    let rows = 0
    for (const store of this.#stores.values()) rows += store.heldRows
    return rows
  }

  /** About as many bytes. */
  uncommittedBytes(): number {
    let sizeBytes = 0
    for (const store of this.#stores.values()) sizeBytes += store.heldBytes
    return sizeBytes
  }

  /** Commit, first half: all changes since the last seal, as bytes. */
  async seal(): Promise<SealedChanges> {
    assert(this.#sealed === undefined, 'a commit is applied or aborted before the next is sealed')
    const stores: SealedStore[] = []
    for (const store of this.#stores.values()) {
      const sealed = await store.seal()
      if (sealed !== undefined) stores.push(sealed)
    }
    const recordCount = stores.reduce((sum, store) => sum + store.records.length, 0)
    this.#sealed = { stores, recordCount }
    return this.#sealed
  }

  /**
   * Commit, second half, after the cluster has it: one batch, all or nothing. Rejects with
   * `MILLRACE_STORE_IO` where the disk refuses; the state on it is then that of the commit before.
   */
  async apply(sealed: SealedChanges, committed: CommittedPositions): Promise<void> {
    assert(sealed === this.#sealed, 'what is applied is what was sealed last')
    await this.#write(
      sealed.stores.flatMap((store) => store.operations),
      {
        inputOffsets: committed.inputOffsets,
        changelogOffsets: new Map([
          ...this.#positions.changelogOffsets,
          ...committed.changelogOffsets,
        ]),
        committedAtMs: committed.atMs,
      },
    )
    this.#sealed = undefined
    for (const store of this.#stores.values()) store.applied()
  }

  /** Drops every change that is not applied, and all rows in memory. */
  async abort(): Promise<void> {
    this.#sealed = undefined
    await this.#load()
  }

  /**
   * Takes changelog records in, before the first record is processed. A full restore needs an
   * empty backend; see `planRestore`.
   */
  restore(options: RestoreOptions): TaskRestore {
    return new TaskRestore(options, {
      backend: this.#options.backend,
      positions: () => this.#positions,
      storeIds: new Map([...this.#identity.stores].map(([name, store]) => [name, store.id])),
      write: (operations, positions) => this.#write(operations, positions),
      reload: () => this.#load(),
      windowStores: [...this.#stores.values()]
        .filter((store) => store.spec.kind === 'window')
        .map((store) => store.spec.name),
    })
  }

  /** The committed rows of a store: by window, then by key, in the order of the bytes. */
  entries<K, V>(name: string): AsyncIterable<StoredRow<K, V>> {
    const { spec, expiredThroughMs } = this.#store(name)
    const { backend } = this.#options
    return storedRows<K, V>(backend, this.#storeId(name), spec, expiredThroughMs)
  }

  /** Per store name, for metrics. */
  counts(): ReadonlyMap<string, RowStoreCounts> {
    return new Map([...this.#stores].map(([name, store]) => [name, store.counts()]))
  }

  close(): Promise<void> {
    return this.#options.backend.close()
  }

  async #load(): Promise<void> {
    for (const store of this.#stores.values()) await store.load()
  }

  async #write(operations: readonly WriteOperation[], positions: Positions): Promise<void> {
    const batch = [...operations, { key: positionsKey, value: encodePositions(positions) }]
    if (this.#isIdentityPending) {
      batch.push({ key: identityKey, value: encodeIdentity(this.#identity) })
    }
    await this.#options.backend.write(batch)
    this.#isIdentityPending = false
    this.#positions = positions
  }

  #makeStore(spec: StoreSpec): RowStore<unknown, unknown> {
    const { backend, position, stores, expiredRowsMax = 100_000 } = this.#options
    const { cacheRowsMax, cacheBytesMax = 16 << 20 } = this.#options
    return new RowStore({
      spec,
      storeId: this.#storeId(spec.name),
      backend,
      position,
      cacheRowsMax: spec.cacheRowsMax ?? Math.ceil(cacheRowsMax / stores.length),
      cacheBytesMax: Math.ceil(cacheBytesMax / stores.length),
      expiredRowsMax,
    })
  }

  #store(name: string): RowStore<unknown, unknown> {
    const store = this.#stores.get(name)
    if (store !== undefined) return store
    throw new MillraceError('MILLRACE_STORE_UNKNOWN', {
      message: `task ${this.#identity.taskId} has no store ${name}`,
    })
  }

  #storeId(name: string): number {
    const recorded = this.#identity.stores.get(name)
    assert(recorded !== undefined, `store ${name} has an id`)
    return recorded.id
  }
}
