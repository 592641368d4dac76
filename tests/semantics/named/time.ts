import { json, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { type NamedCase, type NamedStep, param } from './named-case.ts'
import { choiceOfPartitions } from './partitions.ts'

/** P: punctuation, which partition is next, and the time of a partition. */
export async function time(it: NamedCase): Promise<string | null> {
  if (it.id === 'P01' || it.id === 'P02') return punctuation(it)
  return it.id === 'P07' ? keptPartitionTime(it) : choiceOfPartitions(it)
}

const values = { value: json<string>() }

async function punctuation(it: NamedCase): Promise<string | null> {
  const by = it.params.type === 'streamTime' ? 'stream-time' : 'wall-clock'
  const every = param(it, 'interval', 0)
  const program = topology((t) => {
    t.stream('in', values)
      .process({
        name: 'clockwork',
        value: json<number>(),
        start({ schedule, forward }) {
          schedule({ every, by }, (nowMs) => forward({ key: 'at', value: nowMs }))
          return { process() {} }
        },
      })
      .to('out')
  })
  await using driver = await createTestDriver(program, { startAtMs: param(it, 'start', 0) })
  const seen: { after: number; punctuatedAt: unknown }[] = []
  for (const [after, step] of it.input.entries()) {
    if (step.op === 'advanceWallClock') await driver.advanceWallClock(step.ms as number)
    else await pipe(driver.input('in'), step)
    for (const { value } of driver.output('out').readAll())
      seen.push({ after, punctuatedAt: value })
  }
  for (const [nth, expected] of it.expected.entries()) {
    const found = seen[nth]
    const isSame =
      found?.punctuatedAt === expected.punctuatedAt &&
      (expected.after === undefined || expected.after === found?.after)
    if (!isSame) {
      return `call ${nth}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`
    }
  }
  return seen.length === it.expected.length ? null : `${seen.length} calls`
}

/** P07: what an extractor is told of its partition, before a restart and after. */
async function keptPartitionTime(it: NamedCase): Promise<string | null> {
  let told: number | null = null
  const program = topology((t) => {
    t.stream('in', {
      ...values,
      timestamp({ record, partitionTimeMs }) {
        told = partitionTimeMs
        return record.timestampMs
      },
    }).to('out')
  })
  await using driver = await createTestDriver(program)
  for (const [after, step] of it.input.entries()) {
    if (step.op === 'cleanRestart') {
      await driver.commit()
      await driver.crash()
      await driver.resume()
      continue
    }
    await pipe(driver.input('in'), step)
    const expected = it.expected.find((one) => one.after === after)?.extractorSawPartitionTime
    if (told !== expected) return `step ${after}: the extractor saw ${told}`
  }
  return null
}

interface Pipe {
  pipe(key: unknown, value: unknown, options: { readonly timestampMs: number }): Promise<void>
}

function pipe(input: Pipe, { key, value, ts }: NamedStep): Promise<void> {
  return input.pipe(key, value, { timestampMs: ts as number })
}
