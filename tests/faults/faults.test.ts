// A few of the faults, each struck once or twice; `npm run faults -- all` strikes all of them often.

import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { faults } from './registry.ts'
import { reportOf } from './report.ts'
import { runFault } from './run-fault.ts'

/** A kill, a kill in the commit, a zombie, the same without transactions, bad state, bad records. */
const chosen = new Set([1, 2, 3, 5, 16, 19])

describeWithKafka('nothing is lost, repeated or miscounted through', (brokers) => {
  test.each(faults.filter(({ number }) => chosen.has(number)))(
    'fault $number, $title',
    async (fault) => {
      const seed = Math.floor(Math.random() * 1_000_000)
      const print = (line: string): void => void process.stdout.write(`${line}\n`)
      const outcome = await runFault(fault, { brokers, isShort: true, seed, print })
      print(reportOf([{ fault, outcome }]))
      expect(outcome.problems).toEqual([])
    },
  )
})
