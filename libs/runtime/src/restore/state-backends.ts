import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type HandleHolder, LevelBackend, MemoryBackend, type StateBackend } from '@millrace/store'

/**
 * Where the state of one application lies: a backend for each task, by its name (`0_3`), and one
 * named `process` that is the process' lock and holds what is known of the whole.
 */
export interface StateBackends {
  /** For messages. */
  readonly location: string
  /** Rejects with `MILLRACE_STORE_LOCKED` where another process has it open. */
  open(name: string): Promise<StateBackend>
  /** Names of the backends that exist already. */
  list(): Promise<readonly string[]>
  /** Deletes one that is not open, whatever is in it. */
  destroy(name: string): Promise<void>
}

/**
 * `<directory>/<application>/<name>`, a LevelDB each. The threads of a process may share it, each
 * with the same `HandleKeeper` behind its `holder`.
 */
export function stateDirectory(
  directory: string,
  applicationId: string,
  holder?: HandleHolder,
): StateBackends {
  const location = join(directory, applicationId)
  return {
    location,
    open: (name) => LevelBackend.open({ location: join(location, name), holder }),
    async list() {
      const entries = await readdir(location, { withFileTypes: true }).catch(() => [])
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
    },
    destroy: (name) => rm(join(location, name), { recursive: true, force: true }),
  }
}

/** State that outlives a worker and not the process: for tests and the test driver. */
export function memoryBackends(): StateBackends {
  const backends = new Map<string, MemoryBackend>()
  return {
    location: 'memory',
    async open(name) {
      const backend = backends.get(name)?.copy() ?? new MemoryBackend()
      backends.set(name, backend)
      return backend
    },
    list: async () => [...backends.keys()],
    async destroy(name) {
      backends.delete(name)
    },
  }
}
