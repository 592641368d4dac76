import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { flights } from './flights/program.ts'
import type { GoldenInput, GoldenProgram, GoldenRecord } from './golden-program.ts'
import { type CrashPlan, lastValues, runGolden } from './golden-run.ts'
import { orderRouting } from './order-routing/program.ts'
import { wordCount } from './word-count/program.ts'

// `vitest -u` writes expected.jsonl anew; the batch in each program says whether it is right.

const programs: readonly (readonly [name: string, program: GoldenProgram])[] = [
  ['flights', flights],
  ['order-routing', orderRouting],
  ['word-count', wordCount],
]

const steps = ['seal', 'flush', 'offsets', 'commit', 'apply', 'publish'] as const

function pathOf(name: string, file: string): string {
  return join(import.meta.dirname, name, file)
}

function readInput(name: string): GoldenInput[] {
  const lines = readFileSync(pathOf(name, 'input.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as GoldenInput)
}

function toJsonl(records: readonly GoldenRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('')
}

describe.each(programs)('%s', (name, program) => {
  const input = readInput(name)
  const expected = pathOf(name, 'expected.jsonl')

  test('writes what is expected, whose last values are those of the batch', async () => {
    const output = await runGolden(program, input)
    await expect(toJsonl(output)).toMatchFileSnapshot(expected)
    expect(lastValues(program, output)).toEqual(program.batch(input))
  })

  describe.each([true, false])('with its state kept through crashes: %s', (keepState) => {
    test.each([1, 2, 3, 7])('crashed after every record no. %i, it writes the same', async (k) => {
      const output = await runGolden(program, input, { everyRecords: k, keepState })
      expect(toJsonl(output)).toBe(readFileSync(expected, 'utf8'))
    })

    test.each([3, 5])(
      'with a commit after 4 records, crashed after %i, it loses nothing',
      async (k) => {
        const plan = { everyRecords: k, keepState, commitEveryRecords: 4 }
        expect(await wrongResults(program, input, plan)).toEqual([])
      },
    )

    test.each(steps)(
      'crashed in every second commit, before the step %s, it loses nothing',
      async (before) => {
        const plan = { everyRecords: 6, keepState, before, commitEveryRecords: 4 }
        expect(await wrongResults(program, input, plan)).toEqual([])
      },
    )
  })
})

/**
 * At least once: every result stands for all its records. Without a repartition it stands for each
 * of them once; behind one, records that were written again count again.
 */
async function wrongResults(
  program: GoldenProgram,
  input: readonly GoldenInput[],
  plan: CrashPlan,
): Promise<string[]> {
  const found = lastValues(program, await runGolden(program, input, plan))
  const wanted = program.batch(input)
  const isWrong = (key: string): boolean => {
    const [have, want] = [found.get(key), wanted.get(key)]
    if (have === undefined || want === undefined || !program.isRekeyed) {
      return !isDeepStrictEqual(have, want)
    }
    return program.magnitude(have as never) < program.magnitude(want as never)
  }
  return [...new Set([...found.keys(), ...wanted.keys()])].filter(isWrong)
}
