import { type Logger, type Place, type PlaceName, WhereaboutsReader } from '@millrace/telemetry'

export interface WatchdogOptions {
  /** A thread that has not turned for so long is reported, again after twice that, and so on. */
  readonly afterMs: number
  readonly nowMs: () => number
  readonly logger: Logger
  /** Told at each check. */
  readonly onBlocked: (thread: number, seconds: number) => void
  /** See `stackOfThread`. */
  readonly stackOf: (name: string) => Promise<readonly string[] | null>
}

const checkMs = 500
/** Below this a thread is merely busy: it shows itself twice a second. */
const busyMs = 1_500
const reportsAtMostEveryMs = 600_000

/** One thread, as the watchdog sees it. */
export class WatchedThread {
  readonly thread: number
  readonly name: string
  /** Since it last turned, as far as this process was running itself. */
  silentMs = 0
  hasStarted = false
  reportAtMs: number
  readonly #afterMs: number
  #reader: WhereaboutsReader | null = null

  constructor(thread: number, name: string, afterMs: number) {
    this.thread = thread
    this.name = name
    this.#afterMs = afterMs
    this.reportAtMs = afterMs
  }

  /** It turns. The first time is its start: until then it loads its modules. */
  beat(): void {
    this.hasStarted = true
    this.silentMs = 0
    this.reportAtMs = this.#afterMs
  }

  reads(buffer: SharedArrayBuffer): void {
    this.#reader = new WhereaboutsReader(buffer)
  }

  learn(name: PlaceName): void {
    this.#reader?.learn(name)
  }

  place(): Place {
    return this.#reader?.read() ?? { operator: null, record: null }
  }
}

/**
 * Notices, from the main thread, that a worker thread does not turn: a function of the topology
 * loops or waits. Says in the log which record it is, which operator, and where the function is.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #threads: WatchedThread[] = []
  readonly #timer: NodeJS.Timeout
  #checkedAtMs: number

  constructor(options: WatchdogOptions) {
    this.#options = options
    this.#checkedAtMs = options.nowMs()
    this.#timer = setInterval(() => void this.check(), checkMs)
    this.#timer.unref()
  }

  watch(thread: number, name: string): WatchedThread {
    const watched = new WatchedThread(thread, name, this.#options.afterMs)
    this.#threads.push(watched)
    return watched
  }

  /** Twice a second. */
  async check(): Promise<void> {
    const { nowMs, onBlocked } = this.#options
    const now = nowMs()
    // A process that was itself stopped for a minute (SIGSTOP, a suspended machine) blames nobody.
    const passedMs = Math.min(now - this.#checkedAtMs, 2 * checkMs)
    this.#checkedAtMs = now
    const reports: Promise<void>[] = []
    for (const watched of this.#threads) {
      if (!watched.hasStarted) continue
      watched.silentMs += passedMs
      onBlocked(watched.thread, watched.silentMs < busyMs ? 0 : watched.silentMs / 1_000)
      if (watched.silentMs < watched.reportAtMs) continue
      watched.reportAtMs += Math.min(watched.reportAtMs, reportsAtMostEveryMs)
      reports.push(this.#report(watched))
    }
    await Promise.all(reports)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #report(watched: WatchedThread): Promise<void> {
    const { thread, name, silentMs } = watched
    const { operator, record } = watched.place()
    const stack = await this.#options.stackOf(name)
    const fields = { thread, blockedMs: Math.round(silentMs), operator, ...record, stack }
    this.#options.logger.error(fields, message(record, stack))
  }
}

function message(record: Place['record'], stack: readonly string[] | null): string {
  const noStack = stack === null ? '; its stack cannot be had: it is in native code' : ''
  if (record === null) return `a worker thread does not turn${noStack}`
  const { topic, partition, offset } = record
  return (
    `a worker thread does not turn: ${topic}[${partition}]@${offset} blocks it${noStack}. ` +
    `To pass over this record: millrace skip ${topic}:${partition}:${offset} --reason <why>, ` +
    'and restart the process'
  )
}
