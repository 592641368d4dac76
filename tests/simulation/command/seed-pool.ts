import { Worker } from 'node:worker_threads'
import type { Guarantee } from '../seeds/simulated-process.ts'
import type { Outcome } from '../seeds/simulation.ts'

export interface Job {
  readonly seed: number
  readonly guarantee: Guarantee
}

/** Runs all jobs on so many threads, and hands each outcome on as it comes. */
export async function runSeeds(
  jobs: readonly Job[],
  threadCount: number,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const waiting = [...jobs]
  await Promise.all(
    Array.from({ length: Math.min(threadCount, jobs.length) }, () => work(waiting, onOutcome)),
  )
}

function work(waiting: Job[], onOutcome: (outcome: Outcome) => void): Promise<void> {
  const thread = new Worker(new URL('seed-thread.ts', import.meta.url))
  let running: Job | undefined
  const next = (): void => {
    running = waiting.shift()
    if (running === undefined) void thread.terminate()
    else thread.postMessage(running)
  }
  return new Promise((resolve, reject) => {
    thread.on('message', (outcome: Outcome) => {
      onOutcome(outcome)
      next()
    })
    thread.on('error', (cause) => {
      reject(new Error(`seed ${running?.seed}, ${running?.guarantee}: it threw`, { cause }))
    })
    thread.on('exit', () => resolve())
    next()
  })
}
