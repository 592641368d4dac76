import { ClassicLevel } from 'classic-level'
import type { KeyRange, StateBackend, WriteOperation } from '../backend.ts'
import { type DatabaseSizes, databaseOptions } from './database-options.ts'
import type { HandleHolder } from './handle-keeper.ts'
import { findDamage } from './integrity/check-database.ts'
import { damaged, storeError } from './level-errors.ts'

export interface LevelBackendOptions extends DatabaseSizes {
  /** Directory of this database alone; made where it is missing. */
  readonly location: string
  /** Where several threads may have the directory open. */
  readonly holder?: HandleHolder | undefined
}

/** Entries fetched at once by an iterator. */
const pageEntries = 1_000

/** A task's state in one LevelDB. Open it with `LevelBackend.open`. */
export class LevelBackend implements StateBackend {
  readonly location: string
  readonly #db: ClassicLevel<Buffer, Buffer>
  readonly #holder: HandleHolder | undefined
  #isHeld: boolean
  #isDestroyed = false

  private constructor(db: ClassicLevel<Buffer, Buffer>, holder: HandleHolder | undefined) {
    this.location = db.location
    this.#db = db
    this.#holder = holder
    this.#isHeld = holder !== undefined
  }

  /**
   * Checks all files first. Rejects with `MILLRACE_STORE_LOCKED` where another process has the
   * directory open, `MILLRACE_STORE_CORRUPT` where a file is damaged (it is never repaired: a
   * repair may silently lose keys), `MILLRACE_STORE_IO` where the disk refuses.
   */
  static async open(options: LevelBackendOptions): Promise<LevelBackend> {
    const { location, holder } = options
    try {
      const damage = await findDamage(location)
      if (damage !== undefined) throw damaged(location, damage)
      await holder?.hold(location)
      return new LevelBackend(await opened(options), holder)
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
    if (!this.#isHeld) return
    this.#isHeld = false
    await this.#holder?.release(this.location)
  }

  async destroy(): Promise<void> {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    await this.close()
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

async function opened(options: LevelBackendOptions): Promise<ClassicLevel<Buffer, Buffer>> {
  const { location, holder } = options
  try {
    // It begins to open by itself, and opening drops what is damaged: not before the check.
    const database = new ClassicLevel<Buffer, Buffer>(location, databaseOptions(options))
    await database.open()
    return database
  } catch (error) {
    await holder?.release(location)
    throw error
  }
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
