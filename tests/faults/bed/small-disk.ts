import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A disk in memory, mounted where a state will lie. Needs the right to mount. */
export class SmallDisk {
  readonly #path: string

  constructor(path: string, sizeMegabytes: number) {
    this.#path = path
    mkdirSync(path, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMegabytes}m`, 'tmpfs', path])
  }

  /** To the last byte, or with so many megabytes. */
  fill(megabytesMax = Number.POSITIVE_INFINITY): void {
    for (let n = 0, sizeBytes = 1 << 20; sizeBytes >= 512 && n < megabytesMax; n++) {
      try {
        writeFileSync(join(this.#path, `filler-${n}`), Buffer.alloc(sizeBytes))
      } catch {
        rmSync(join(this.#path, `filler-${n}`), { force: true })
        sizeBytes /= 2
      }
    }
  }

  free(): void {
    for (let n = 0; n < 200; n++) rmSync(join(this.#path, `filler-${n}`), { force: true })
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['-l', this.#path])
  }
}
