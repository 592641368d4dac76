import { mkdir } from 'node:fs/promises'
import { MillraceError } from '@millrace/errors'
import { type DiskUse, measureDisk } from './measure-disk.ts'

export interface DiskWatchOptions {
  /** The application's folder of states. */
  readonly directory: string
  /** Null: no bound but the disk itself. */
  readonly budgetBytes: number | null
  /** Free bytes below which the process stops; 0 switches it off. */
  readonly reserveBytes: number
  readonly onMeasured: (use: DiskUse) => void
  /** Told once, after the start. */
  readonly onFull: (error: MillraceError) => void
}

const intervalMs = 5_000

/**
 * Measures the state on the main thread, whatever the workers do, and has the process stop while
 * there is still room for its last commit: a LevelDB that meets a full disk loses that commit.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions
  #timer: NodeJS.Timeout | null = null

  constructor(options: DiskWatchOptions) {
    this.#options = options
  }

  /** Rejects with `MILLRACE_PROCESSOR_DISK` where there is no room to begin with. */
  async start(): Promise<void> {
    await mkdir(this.#options.directory, { recursive: true })
    const fault = await this.#check()
    if (fault !== null) throw fault
    this.#timer = setInterval(() => void this.#again(), intervalMs)
    this.#timer.unref()
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  async #again(): Promise<void> {
    const fault = await this.#check()
    if (fault === null) return
    this.close()
    this.#options.onFull(fault)
  }

  async #check(): Promise<MillraceError | null> {
    const use = await measureDisk(this.#options.directory)
    this.#options.onMeasured(use)
    return faultOf(use, this.#options)
  }
}

export function faultOf(
  { totalBytes, freeBytes }: Pick<DiskUse, 'totalBytes' | 'freeBytes'>,
  { directory, budgetBytes, reserveBytes }: DiskWatchOptions,
): MillraceError | null {
  const why =
    budgetBytes !== null && totalBytes > budgetBytes
      ? `takes ${totalBytes} bytes, more than MILLRACE_STATE_DISK_BUDGET (${budgetBytes})`
      : freeBytes < reserveBytes
        ? `has ${freeBytes} bytes free on its disk, less than MILLRACE_STATE_DISK_RESERVE (${reserveBytes})`
        : null
  if (why === null) return null
  return new MillraceError('MILLRACE_PROCESSOR_DISK', {
    message: `the state in ${directory} ${why}`,
  })
}
