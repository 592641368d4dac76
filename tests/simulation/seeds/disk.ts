import { MillraceError } from '@millrace/errors'
import type { StateBackends } from '@millrace/runtime'
import type { Random } from '@millrace/simulation'
import { MemoryBackend, type StateBackend, type WriteOperation } from '@millrace/store'
import type { Clock } from '@millrace/time'
import type { Gate } from './gate.ts'

/** A write that was handed to the disk and is not acknowledged. */
interface Write {
  readonly apply: () => void
  readonly cancel: () => void
}

/**
 * The disk of a machine: outlives its processes. A write is there in full or not at all, also
 * where the process is killed in the middle; how long it takes is set from outside.
 */
export class Disk {
  /** How long a write takes. */
  latencyMs = 0
  readonly #clock: Clock
  readonly #random: Random
  readonly #backends = new Map<string, MemoryBackend>()
  readonly #open = new Set<string>()
  readonly #underWay = new Set<Write>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** What a process sees of it. */
  mount(gate: Gate): StateBackends {
    return {
      location: 'disk',
      open: (name) => gate.through(async () => this.#openFor(name, gate)),
      list: async () => [...this.#backends.keys()],
      destroy: (name) => gate.through(async () => void this.#backends.delete(name)),
    }
  }

  /** The process was killed: its locks are free, each write under way is there or is not. */
  crash(): void {
    this.#open.clear()
    for (const write of this.#underWay) {
      write.cancel()
      if (this.#random.chance(0.5)) write.apply()
    }
    this.#underWay.clear()
  }

  /** A backend as it lies there. */
  read(name: string): StateBackend | undefined {
    return this.#backends.get(name)?.copy()
  }

  async #openFor(name: string, gate: Gate): Promise<StateBackend> {
    if (this.#open.has(name)) {
      throw new MillraceError('MILLRACE_STORE_LOCKED', { message: `${name} is open already` })
    }
    this.#open.add(name)
    const backend = this.#backends.get(name) ?? new MemoryBackend()
    this.#backends.set(name, backend)
    let isOpen = true
    const close = async (): Promise<void> => {
      if (isOpen) this.#open.delete(name)
      isOpen = false
    }
    return {
      location: `disk/${name}`,
      getSync: (key) => backend.getSync(key),
      write: (operations) => gate.through(() => this.#write(backend, operations)),
      entries: (range) => backend.entries(range),
      keys: (range) => backend.keys(range),
      close: () => gate.through(close),
      destroy: () =>
        gate.through(async () => {
          await close()
          this.#backends.delete(name)
        }),
    }
  }

  #write(backend: MemoryBackend, operations: readonly WriteOperation[]): Promise<void> {
    if (this.latencyMs === 0) return backend.write(operations)
    return new Promise((resolve) => {
      const apply = (): void => void backend.write(operations)
      const cancel = this.#clock.setTimer(this.latencyMs, () => {
        this.#underWay.delete(write)
        apply()
        resolve()
      })
      const write = { apply, cancel }
      this.#underWay.add(write)
    })
  }
}
