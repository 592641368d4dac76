import { assert } from '@millrace/errors'
import { ClassicLevel } from 'classic-level'
import { databaseOptions } from './database-options.ts'
import { rootOf } from './level-errors.ts'

/** Keeps a database open from before a thread opens it until after it has closed it. */
export interface HandleHolder {
  /** Rejects with what LevelDB says: an `Error` with a `code`. */
  hold(location: string): Promise<void>
  release(location: string): Promise<void>
}

interface Kept {
  readonly database: ClassicLevel<Buffer, Buffer>
  readonly owners: string[]
}

/**
 * The first to open and the last to close every database of a process, for its threads.
 *
 * Threads that open one directory share a database inside of classic-level, and with it the block
 * cache of whoever was first; that cache is freed when the first one closes, though others still
 * read (seen with 3.0.0: a segmentation fault in `Table::BlockReader`). Here nobody but the keeper is
 * the first.
 */
export class HandleKeeper {
  readonly #kept = new Map<string, Kept>()
  /** What is done with a directory is done in turn. */
  readonly #turns = new Map<string, Promise<void>>()

  /** `owner` may hold a database more than once. Rejects with what LevelDB says. */
  hold(location: string, owner: string): Promise<void> {
    return this.#inTurn(location, async () => {
      const known = this.#kept.get(location)
      if (known !== undefined) {
        known.owners.push(owner)
        return
      }
      try {
        const database = new ClassicLevel<Buffer, Buffer>(location, databaseOptions({}))
        await database.open()
        this.#kept.set(location, { database, owners: [owner] })
      } catch (error) {
        throw rootOf(error)
      }
    })
  }

  /** After the owner has closed it. */
  release(location: string, owner: string): Promise<void> {
    return this.#inTurn(location, async () => {
      const kept = this.#kept.get(location)
      const at = kept?.owners.indexOf(owner) ?? -1
      assert(kept !== undefined && at >= 0, 'a database is released by those who hold it')
      kept.owners.splice(at, 1)
      if (kept.owners.length > 0) return
      this.#kept.delete(location)
      await kept.database.close()
    })
  }

  /** An owner is gone, and with it all that it had open. */
  async releaseAll(owner: string): Promise<void> {
    for (const [location, { owners }] of [...this.#kept]) {
      for (const one of [...owners]) if (one === owner) await this.release(location, owner)
    }
  }

  #inTurn(location: string, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(location) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => {})
    this.#turns.set(location, settled)
    void settled.then(() => {
      if (this.#turns.get(location) === settled) this.#turns.delete(location)
    })
    return turn
  }
}
