// `npm run faults -- --list | all | <numbers> | mutations`: strikes the real processors on a real
// Kafka and judges what they wrote. `--short` takes the rounds of `npm test`, `--seed` repeats a run.

import { parseArgs } from 'node:util'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { startBroker } from '../../tools/kafka/broker.ts'
import type { Guarantee } from './fault.ts'
import { runMutations } from './mutations/run-mutations.ts'
import { faults } from './registry.ts'
import { type Row, reportOf } from './report.ts'
import { runFault } from './run-fault.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean' },
    short: { type: 'boolean' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    guarantee: { type: 'string' },
  },
})

const print = (line: string): void => void process.stdout.write(`${line}\n`)

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
const wanted = positionals.includes('all') ? faults : faults.filter(isNamed)
if (wanted.length === 0 && !isMutations) {
  end('Name faults by number, `all` or `mutations`; `--list` prints them.')
}
const started = named === undefined ? await startBroker({ onProgress: print }) : undefined
const brokers = named ?? started?.brokers ?? ''
try {
  const failed = isMutations ? await mutate() : await strike()
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

function end(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}
