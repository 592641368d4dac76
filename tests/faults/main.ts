// `npm run faults -- --list | all | <numbers> | mutations | alerts`: strikes the real processors on a
// real Kafka and judges what they wrote, or who was told. See `usage`.

import { parseArgs } from 'node:util'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { startBroker } from '../../tools/kafka/broker.ts'
import { runAlerts } from './alerts/run-alerts.ts'
import type { Guarantee } from './fault.ts'
import { runMutations } from './mutations/run-mutations.ts'
import { faults } from './registry.ts'
import { type Row, reportOf } from './report.ts'
import { runFault } from './run-fault.ts'

const usage = `npm run faults -- <what> [options]
  all, or numbers        strikes these faults and judges what was written
    --short              with the rounds of npm test
    --rounds <n>, --guarantee exactly_once|at_least_once
  mutations [numbers]    takes safety rules out and expects to see it
  alerts [names]         strikes, and measures when the alerts (those with such names) come and go
    --healthy <minutes>  of load without a fault before (10; 0 where names are given)
  --list                 names the faults
  --seed <n>             repeats a run`

const { values, positionals } = readArguments()
const print = (line: string): void => void process.stdout.write(`${line}\n`)

if (values.help === true) {
  print(usage)
  process.exit(0)
}
if (values.list === true) {
  for (const { number, title, how } of faults)
    print(`${String(number).padStart(2)}  ${title}: ${how}`)
  process.exit(0)
}
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000))
const named = process.env['MILLRACE_KAFKA_BROKERS']
const availability = brokerAvailability()
if (named === undefined && !availability.isAvailable) end(availability.reason)

const isMutations = positionals.includes('mutations')
const isAlerts = positionals.includes('alerts')
const wanted = positionals.includes('all') ? faults : faults.filter(isNamed)
if (wanted.length === 0 && !isMutations && !isAlerts) end(usage)
const started = named === undefined ? await startBroker({ onProgress: print }) : undefined
const brokers = named ?? started?.brokers ?? ''
try {
  const failed = isAlerts ? await alert() : isMutations ? await mutate() : await strike()
  process.exitCode = failed > 0 ? 1 : 0
} finally {
  await started?.stop()
}

async function strike(): Promise<number> {
  const rows: Row[] = []
  for (const fault of wanted) {
    const outcome = await runFault(fault, {
      brokers,
      isShort: values.short === true,
      seed,
      ...(values.rounds !== undefined && { rounds: Number(values.rounds) }),
      ...(values.guarantee !== undefined && { guarantee: values.guarantee as Guarantee }),
      print,
    })
    rows.push({ fault, outcome })
    print(reportOf(rows.slice(-1)))
  }
  const failed = rows.filter(({ outcome }) => outcome.problems.length > 0).length
  print(`\n${reportOf(rows)}\n`)
  print(`${rows.length - failed} passed, ${failed} failed`)
  return failed
}

async function alert(): Promise<number> {
  const only = positionals.filter((word) => word !== 'alerts')
  const healthyMinutes = Number(values.healthy ?? (only.length > 0 ? 0 : 10))
  return runAlerts({ brokers, print, only, healthyMinutes })
}

async function mutate(): Promise<number> {
  const numbers = positionals.filter((word) => word !== 'mutations').map(Number)
  const isWanted = (number: number): boolean => numbers.length === 0 || numbers.includes(number)
  const results = await runMutations(brokers, seed, print, isWanted)
  const unseen = results.filter(({ isSeen }) => !isSeen).length
  print('')
  for (const { mutation, isSeen } of results)
    print(`fault ${mutation.fault}  ${isSeen ? 'red  ' : 'GREEN'}  ${mutation.title}`)
  print(`${results.length - unseen} passed, ${unseen} failed`)
  return unseen
}

function isNamed({ number }: { readonly number: number }): boolean {
  return positionals.includes(String(number))
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        list: { type: 'boolean' },
        short: { type: 'boolean' },
        seed: { type: 'string' },
        rounds: { type: 'string' },
        guarantee: { type: 'string' },
        healthy: { type: 'string' },
      },
    })
  } catch (error) {
    return end(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
}

function end(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}
