// The cases again, with the application killed and started anew: same results, same order, nothing
// twice. With its state as the process left it, and with none, restored from the changelogs.

import { commitSteps } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { caseFiles, type ExpectedRecord, readCases } from './case.ts'
import { firstDifference } from './compare.ts'
import { programs } from './programs/index.ts'
import type { Program } from './programs/program.ts'
import { runCase } from './run-case.ts'

const stateful = [
  'cogroup-session',
  'cogroup-tumbling',
  'fk-join-inner',
  'fk-join-left',
  'hopping-sum-onclose',
  'ktable-groupby-reduce',
  'processor-forward',
  'punctuate-stream-time',
  'session-concat',
  'session-count-onclose',
  'sliding-count',
  'sliding-count-onclose',
  'stream-globaltable-left',
  'stream-stream-inner',
  'stream-stream-left',
  'stream-stream-outer',
  'stream-table-left',
  'stream-versioned-table-left',
  'suppress-session-close',
  'suppress-time-limit',
  'suppress-time-limit-windowed',
  'suppress-tumbling-close',
  'table-table-outer',
  'timestamp-extractor',
  'tumbling-count-onclose',
  'versioned-groupby-sum',
  'versioned-table-table',
]
const folder = new URL('cases', import.meta.url).pathname
const cases = caseFiles([folder]).flatMap(readCases)

test.each(stateful)('a restart after every record changes no result of %s', async (topology) => {
  const program = programs.get(topology) as Program
  for (const it of cases.filter((one) => one.topology === topology)) {
    for (const restarts of ['with state', 'without state'] as const) {
      const outcome = await runCase(program, it, { everyUpdate: true, restarts })
      // What a killed process counted is counted by the one that is there at the end, or by none.
      const difference = firstDifference({ ...it, dropped: null }, outcome)
      expect(difference, `${it.id} ${restarts}`).toBeNull()
    }
  }
})

const final = stateful.filter((name) => /-onclose$|-close$/.test(name))

test.each(final)(
  'a crash at any step of a commit repeats results of %s, and changes none',
  async (topology) => {
    const program = programs.get(topology) as Program
    for (const [nth, it] of cases.filter((one) => one.topology === topology).entries()) {
      const turned = [...commitSteps.slice(nth % 6), ...commitSteps.slice(0, nth % 6)]
      for (const restarts of ['with state', 'without state'] as const) {
        const options = { everyUpdate: true, restarts, crashesBefore: turned }
        const { output } = await runCase(program, it, options)
        expect(distinct(output), `${it.id} ${restarts}`).toEqual(distinct(it.output))
      }
    }
  },
)

function distinct(records: readonly ExpectedRecord[]): string[] {
  const texts = records.map(({ key, value, timestampMs }) => {
    return JSON.stringify([key, value, timestampMs])
  })
  return [...new Set(texts)].toSorted()
}
