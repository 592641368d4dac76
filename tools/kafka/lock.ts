import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './process.ts'

const retryMs = 200
const waitMsMax = 300_000

/** Runs `work` while no other process holds `file`; a lock whose owner died is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true })
  const deadlineMs = Date.now() + waitMsMax
  while (!take(file)) {
    if (Date.now() > deadlineMs)
      throw new Error(
        `${file} has been locked for ${waitMsMax / 60_000} minutes; remove it if its owner is gone`,
      )
    await sleep(retryMs)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (isAbandoned(file)) rmSync(file, { force: true })
    return false
  }
}

function isAbandoned(file: string): boolean {
  try {
    const owner = Number.parseInt(readFileSync(file, 'utf8'), 10)
    // Not yet a number: its owner is between creating and writing the file.
    return Number.isInteger(owner) && !isAlive(owner)
  } catch {
    return false
  }
}
