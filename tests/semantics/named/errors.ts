import { json, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { resultsDifference } from './named-difference.ts'

/** X10: a record whose processing throws is left out and counted, the others go on. */
export async function errors(it: NamedCase): Promise<string | null> {
  const seen: unknown[] = []
  const pass = (fails: boolean) => ({
    start: ({ forward }: { forward: (record: { key: string; value: string }) => void }) => ({
      process({ key, value }: { key: string | null; value: string | null }) {
        if (fails && key?.includes('ERR')) throw new Error('as the case wants it')
        seen.push(key)
        forward({ key: key as string, value: value as string })
      },
    }),
  })
  const program = topology((t) => {
    t.stream('in', { value: json<string>() })
      .map((value, key) => ({ key: key as string, value }))
      .mapValues((value) => value)
      .process({ name: 'guarded', value: json<string>(), ...pass(true) })
      .process({ name: 'behind', value: json<string>(), ...pass(false) })
      .to('out')
  })
  await using driver = await createTestDriver(program, { onProcessingError: 'skip' })
  const results: NamedResult[] = []
  for (const [after, { key, value, ts }] of it.input.entries()) {
    await driver.input('in').pipe(key, value, { timestampMs: ts as number })
    for (const result of driver.output('out').readAll()) {
      results.push({ after, key: result.key, value: result.value, ts: result.timestampMs })
    }
  }
  const { droppedTotal } = param<{ droppedTotal: number }>(it, 'metrics', { droppedTotal: 0 })
  const skipped = it.input.length - results.length
  if (skipped !== droppedTotal) return `${skipped} left out`
  return resultsDifference(it.expected, results, it.match)
}
