// One stream worker in a process of its own, set up as the processor's thread sets it up, that stops
// existing at a given moment of a commit:
//   crashing-worker.ts <step> <nth commit> <SIGKILL|SIGSTOP|last-words>
// A step of the commit means before that step. `answer` means: EndTxn was decided by the coordinator,
// and its answer was never seen. `last-words` stands still like SIGSTOP; once woken it ends with the
// answer to its next EndTxn.

import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@millrace/config'
import { createCluster, createKafkajsTransport, type Transport } from '@millrace/kafka'
import { createStreamWorker, stateDirectory } from '@millrace/runtime'
import { createLogger, SharedCounters } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import { loadTopology } from '@millrace/topology'
import { kafkaOptions } from '../../../services/processor/src/kafka-options.ts'
import { keptProcessId } from '../../../services/processor/src/process-id.ts'

const [step = 'apply', at = '1', signal = 'SIGKILL'] = process.argv.slice(2)
const config = parseConfig(process.env, () => '')
const logger = createLogger({ level: 'info', fields: { application: config.applicationId } })
const hasLastWords = signal === 'last-words'
let reached = 0
let hasStruck = false

const worker = createStreamWorker({
  topology: await loadTopology(config.topology),
  applicationId: config.applicationId,
  cluster: () => createCluster({ transport: transportOf(), clock: systemClock, logger }),
  backends: stateDirectory(config.stateDirectory, config.applicationId),
  clock: systemClock,
  counters: new SharedCounters({ onSeries: () => {} }),
  logger,
  guarantee: config.guarantee,
  commitIntervalMs: config.commitInterval,
  sessionTimeoutMs: config.sessionTimeout,
  processId: keptProcessId(join(config.stateDirectory, config.applicationId, 'process-id')),
  onCrashPoint: (point) => {
    if (point === step) strike()
  },
})
process.on('SIGTERM', () => void worker.stop())
worker.start()
const state = await worker.ended
process.exit(state === 'stopped' ? 0 : 1)

function strike(): void {
  reached += 1
  if (reached !== Number(at)) return
  // At once: the logger's line would come after the signal, or never.
  writeSync(1, `${JSON.stringify({ level: 'info', msg: 'struck', step, pid: process.pid })}\n`)
  hasStruck = true
  process.kill(process.pid, hasLastWords ? 'SIGSTOP' : signal)
}

function transportOf(): Transport {
  const transport = createKafkajsTransport(kafkaOptions(config, 0), () => {}, systemClock)
  return new Proxy(transport, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const call = value.bind(target) as (...args: unknown[]) => Promise<unknown>
      if (name !== 'endTxn') return call
      return async (...args: unknown[]) => {
        const answer = await call(...args)
        if (step === 'answer') strike()
        if (hasLastWords && hasStruck) process.kill(process.pid, 'SIGKILL')
        return answer
      }
    },
  })
}
