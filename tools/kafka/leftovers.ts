// A run's folder is named after the process that started it. Where that process was killed, its broker
// lives on and its data stays: the next start ends the one and removes the other.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaCacheDir } from './jars.ts'
import { commandLineOf, isAlive } from './process.ts'

const runsDir = join(kafkaCacheDir, 'runs')
let runs = 0

/** A folder of this process's own for one broker: its data, logs and process id. */
export function makeRunDir(): string {
  runs += 1
  const dir = join(runsDir, `${process.pid}-${runs}-${Date.now().toString(36)}`)
  mkdirSync(dir, { recursive: true })
  return dir
}

export function notePid(dir: string, pid: number): void {
  writeFileSync(join(dir, 'broker.pid'), String(pid))
}

export function removeLeftovers(): void {
  if (!existsSync(runsDir)) return
  for (const name of readdirSync(runsDir)) {
    const owner = Number.parseInt(name, 10)
    if (Number.isInteger(owner) && !isAlive(owner)) removeRun(join(runsDir, name))
  }
}

function removeRun(dir: string): void {
  const pidFile = join(dir, 'broker.pid')
  if (existsSync(pidFile)) {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10)
    // The id may belong to somebody else by now: only a process started on this very folder is ended.
    if (isAlive(pid) && commandLineOf(pid).includes(dir)) process.kill(pid, 'SIGKILL')
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}
