import { MillraceError } from '@millrace/errors'
import { isUnresolved } from '@millrace/record'
import type { Clock } from '@millrace/time'
import { expect, test } from 'vitest'
import { KnownSchemas } from './known-schemas.ts'
import type { FetchedSchema } from './registry-client.ts'

const schema = { isValid: () => true } as unknown as FetchedSchema
const away = new MillraceError('MILLRACE_SCHEMAS_UNAVAILABLE', { message: 'away' })
const absent = new MillraceError('MILLRACE_SCHEMAS_UNKNOWN', { message: 'absent' })

/** A clock whose timers fire at once, each moving it on, and a registry that answers as it is told. */
function setUp(answers: (FetchedSchema | MillraceError)[], retryForMs = 10_000) {
  let nowMs = 0
  const asked: number[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer(delayMs, callback) {
      nowMs += delayMs
      queueMicrotask(callback)
      return () => {}
    },
  }
  const client = {
    async schema(id: number): Promise<FetchedSchema> {
      asked.push(id)
      const answer = answers.shift() ?? away
      if (answer instanceof MillraceError) throw answer
      return answer
    },
  }
  const known = new KnownSchemas({ client, clock, retryForMs })
  return { known, asked, nowMs: () => nowMs }
}

/** What reading the id gives once it is settled. */
async function read(known: KnownSchemas, id: number): Promise<unknown> {
  try {
    return known.get(id)
  } catch (error) {
    if (!isUnresolved(error)) throw error
    await error.resolved
    return known.get(id)
  }
}

test('a schema is fetched once, whoever asks meanwhile', async () => {
  const { known, asked } = setUp([schema])
  expect(await Promise.all([read(known, 7), read(known, 7)])).toEqual([schema, schema])
  expect(known.get(7)).toBe(schema)
  expect(asked).toEqual([7])
})

test('a registry that is away is asked again, ever more rarely, until it answers', async () => {
  const { known, nowMs } = setUp([away, away, away, schema])
  expect(await read(known, 7)).toBe(schema)
  expect(nowMs()).toBe(100 + 200 + 400)
})

test('it is given up on after a while, then asked once a record until it is back', async () => {
  const { known, asked } = setUp([away, away, away, away, schema, away, schema], 500)
  await expect(read(known, 7)).rejects.toThrow('schema 7 could not be fetched')
  const first = asked.length
  await expect(read(known, 7)).rejects.toThrow('MILLRACE_SCHEMAS_UNKNOWN')
  expect(asked.length).toBe(first + 1)
  expect(await read(known, 7)).toBe(schema)
  expect(await read(known, 8)).toBe(schema)
})

test('a schema that is not there is not asked for again by the same record', async () => {
  const { known, asked } = setUp([absent, schema])
  await expect(read(known, 7)).rejects.toThrow('absent')
  expect(asked).toEqual([7])
  expect(await read(known, 7)).toBe(schema)
})
