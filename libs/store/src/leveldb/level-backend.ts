import { ClassicLevel } from 'classic-level'
import type { KeyRange, StateBackend, WriteOperation } from '../backend.ts'
import { findDamage } from './integrity/check-database.ts'
import { damaged, storeError } from './level-errors.ts'

export interface LevelBackendOptions {
  /** Directory of this database alone; made where it is missing. */
  readonly location: string
  /** LevelDB's cache of uncompressed blocks. Default 8 MiB. */
  readonly cacheSizeBytes?: number
  /** Memory table before it becomes a file. Default 4 MiB; up to two are held. */
  readonly writeBufferSizeBytes?: number
}

/** Entries fetched at once by an iterator. */
const pageEntries = 1_000

/** A task's state in one LevelDB. Open it with `LevelBackend.open`. */
export class LevelBackend implements StateBackend {
  readonly location: string
  readonly #db: ClassicLevel<Buffer, Buffer>
  #isDestroyed = false

  private constructor(db: ClassicLevel<Buffer, Buffer>) {
    this.location = db.location
    this.#db = db
  }

  /**
   * Checks all files first. Rejects with `MILLRACE_STORE_LOCKED` where another process has the
   * directory open, `MILLRACE_STORE_CORRUPT` where a file is damaged (it is never repaired: a
   * repair may silently lose keys), `MILLRACE_STORE_IO` where the disk refuses.
   */
  static async open(options: LevelBackendOptions): Promise<LevelBackend> {
    const { location, cacheSizeBytes, writeBufferSizeBytes } = options
    try {
      const damage = await findDamage(location)
      if (damage !== undefined) throw damaged(location, damage)
      // Made only now: it begins to open by itself, and opening drops what is damaged.
      const db = new ClassicLevel<Buffer, Buffer>(location, {
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
        cacheSize: cacheSizeBytes ?? 8 * 1024 * 1024,
        writeBufferSize: writeBufferSizeBytes ?? 4 * 1024 * 1024,
        // Another thread of this process may read committed state while this one works.
        multithreading: true,
      })
      await db.open()
      return new LevelBackend(db)
    } catch (error) {
      throw storeError(error, location)
    }
  }

  getSync(key: Buffer): Buffer | undefined {
    try {
      return this.#db.getSync(key)
    } catch (error) {
      throw storeError(error, this.location)
    }
  }

  /** Without fsync: survives a kill of the process; after a power cut the changelog has the rest. */
  async write(operations: readonly WriteOperation[]): Promise<void> {
    try {
      const batch = this.#db.batch()
      for (const { key, value } of operations) {
        if (value === null) batch.del(key)
        else batch.put(key, value)
      }
      await batch.write()
    } catch (error) {
      throw storeError(error, this.location)
    }
  }

  entries(range: KeyRange): AsyncIterable<readonly [key: Buffer, value: Buffer]> {
    return this.#pages<[Buffer, Buffer]>(() => this.#db.iterator(range))
  }

  keys(range: KeyRange): AsyncIterable<Buffer> {
    return this.#pages<Buffer>(() => this.#db.keys(range))
  }

  async close(): Promise<void> {
    await this.#db.close()
  }

  async destroy(): Promise<void> {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    await this.#db.close()
    await ClassicLevel.destroy(this.location).catch((error: unknown) => {
      throw storeError(error, this.location)
    })
  }

  /** The iterator, and with it the snapshot, is made here, not at the first step. */
  #pages<T>(open: () => Pages<T>): AsyncIterable<T> {
    try {
      return inTurn(open(), this.location)
    } catch (error) {
      throw storeError(error, this.location)
    }
  }
}

interface Pages<T> {
  nextv(size: number): Promise<T[]>
  close(): Promise<void>
}

async function* inTurn<T>(pages: Pages<T>, location: string): AsyncGenerator<T> {
  try {
    for (;;) {
      const page = await pages.nextv(pageEntries)
      if (page.length === 0) return
      yield* page
    }
  } catch (error) {
    throw storeError(error, location)
  } finally {
    await pages.close()
  }
}
