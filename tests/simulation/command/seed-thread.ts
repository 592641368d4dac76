// Runs the seeds that it is sent, one after the other. Nothing else happens in the thread: the run's
// event loop is its own.

import { parentPort } from 'node:worker_threads'
import { simulate } from '../seeds/simulation.ts'
import type { Job } from './seed-pool.ts'

parentPort?.on('message', ({ seed, guarantee }: Job) => {
  simulate(seed, guarantee).then(
    (outcome) => parentPort?.postMessage(outcome),
    (error: unknown) => {
      throw error
    },
  )
})
