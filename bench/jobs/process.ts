import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RunningJob } from './contestant.ts'

const stopGraceMs = 15_000

/** Starts a child process whose output is shown, and that can be stopped by its own pid. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): RunningJob {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] })
  let hasEnded = false
  const ended = once(child, 'exit').then(() => {
    hasEnded = true
  })
  return {
    pid: child.pid ?? -1,
    isAlive: () => !hasEnded,
    async stop() {
      if (hasEnded) return
      child.kill('SIGTERM')
      const killer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
      await ended
      clearTimeout(killer)
    },
  }
}
