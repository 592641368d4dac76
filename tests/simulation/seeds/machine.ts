import type { Disk } from './disk.ts'
import type { SimulatedProcess } from './simulated-process.ts'

const wallOffsetMsMax = 3_600_000

/** A place where a process runs, and runs again: its disk, its wall clock, and what is due there. */
export class Machine {
  readonly name: string
  disk: Disk
  readonly wall = { offsetMs: 0 }
  process: SimulatedProcess | null = null
  /** Starts of processes so far. */
  starts = 0
  /** Disks so far: a new disk is a new identity. */
  disks = 1
  restartAtMs: number | null = null
  wakeAtMs: number | null = null
  isLeaving = false

  constructor(name: string, disk: Disk) {
    this.name = name
    this.disk = disk
  }

  /** Never off by more than an hour: behind that, what is written now looks to be of the future. */
  jumpWall(byMs: number): void {
    const { wall } = this
    wall.offsetMs = Math.max(-wallOffsetMsMax, Math.min(wallOffsetMsMax, wall.offsetMs + byMs))
  }

  get processId(): string {
    return `${this.name}-disk-${this.disks}`
  }

  /** Whether something may happen to its process: it runs and nothing happens to it yet. */
  get isCalm(): boolean {
    const { process, wakeAtMs, isLeaving } = this
    return process?.isAlive === true && !process.isFrozen && wakeAtMs === null && !isLeaving
  }
}
