import { isDeepStrictEqual } from 'node:util'
import { memoryBackends } from '@millrace/runtime'
import { json, topology, tumbling } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { counted, World } from '../../simulation/fixture.ts'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { resultsDifference } from './named-difference.ts'

/** X06 and X07: state that is restored from its changelog. */
export function restored(it: NamedCase): Promise<string | null> {
  return it.id === 'X06' ? restoredFromCheckpoint(it) : restoredWithTombstones(it)
}

/** A disk that knows the first rows of each partition meets a changelog that has all of them. */
async function restoredFromCheckpoint(it: NamedCase): Promise<string | null> {
  const program = topology((t) => {
    t.table('in', { name: 'rows', value: json<number>() }).toStream().to('out')
  })
  const partitionCount = 2
  const world = new World(program)
  for (const topic of ['in', 'out']) world.cluster.createTopic(topic, { partitionCount })
  let rows = 0
  const feed = (count: number) => {
    for (let partition = 0; partition < partitionCount; partition++) {
      const records = Array.from({ length: count / partitionCount }, () => {
        const row = Buffer.from(String(rows++))
        return { key: row, value: row, timestampMs: 1 }
      })
      world.cluster.appendAll('in', partition, records)
    }
  }
  const run = async (backends: ReturnType<typeof memoryBackends>) => {
    const worker = world.start({ backends })
    await world.untilRunning(worker)
    await world.untilConsumed('in', partitionCount)
    await world.stop(worker)
    return worker
  }
  const [preload, preloadInput] = it.input
  const checkpoint = Number(preload?.checkpointPerPartition) * partitionCount
  const disk = memoryBackends()
  feed(checkpoint)
  await run(disk)
  feed(Number(preload?.changelogRows) - checkpoint)
  await run(memoryBackends())
  const before = world.cluster.readAll('out').length
  feed(Number(preloadInput?.rows))
  const { counters } = await run(disk)
  const found = {
    restoredRows: counted(counters, 'millrace_restore_records_total', { store: 'rows' }),
    processedRows: world.cluster.readAll('out').length - before,
  }
  const expected = Object.assign({}, ...it.expected) as object
  return isDeepStrictEqual(found, expected) ? null : `found ${JSON.stringify(found)}`
}

async function restoredWithTombstones(it: NamedCase): Promise<string | null> {
  const program = topology((t) => {
    t.table('in', { name: 'rows', key: json<number>(), value: json<number[]>() })
      .toStream()
      .to('out')
  })
  await using driver = await createTestDriver(program)
  const results: NamedResult[] = []
  for (const [after, { op, key, value, ts }] of it.input.entries()) {
    if (op === 'closeAndWipeState') {
      await driver.crash()
      await driver.resume({ keepState: false })
    } else await driver.input('in').pipe(key, value, { timestampMs: ts as number })
    for (const { key: row, ...result } of driver.output('out').readAll()) {
      results.push({ after, key: row, value: result.value, ts: result.timestampMs })
    }
  }
  return resultsDifference(it.expected, results, 'ordered')
}

/** X08: how the internal topics of a windowed count behind a repartition are kept. */
export async function internalTopics(it: NamedCase): Promise<string | null> {
  const program = topology((t) => {
    t.stream('in', { value: json<string>() })
      .flatMap((value) => [{ key: value, value }])
      .groupBy((value) => value, { repartition: 'CountWindows' })
      .windowedBy(tumbling({ size: '1s' }))
      .count({ name: 'CountWindows' })
      .to('out')
  })
  const world = new World(program)
  for (const topic of ['in', 'out']) world.cluster.createTopic(topic)
  const worker = world.start()
  await world.untilRunning(worker)
  const { admin } = world.client()
  for (const { topic, config } of it.expected) {
    const name = String(topic).replace('<app>', 'app')
    const found = await world.clock.run(admin.topicConfigs(name))
    // Where the case says a rule: nothing but compaction, and that never touches a last value.
    const wanted = (config as object | undefined) ?? { 'cleanup.policy': 'compact' }
    for (const [setting, value] of Object.entries(wanted)) {
      if (found.get(setting) !== value) return `${name}: ${setting} is ${found.get(setting)}`
    }
  }
  await world.stop(worker)
  return null
}

/** X09: stopped, its state and internal topics deleted and its offsets set back, it does the same again. */
export async function runAgain(it: NamedCase): Promise<string | null> {
  const program = topology((t) => {
    t.stream('in', { value: json<string>() })
      .groupBy((value) => value, { repartition: 'by-word' })
      .count({ name: 'counts', everyUpdate: true })
      .to('out')
  })
  const world = new World(program)
  for (const topic of ['in', 'out']) world.cluster.createTopic(topic)
  const outputs = param(it, 'outputs', Number(it.input[0]?.outputs))
  for (let nth = 0; nth < outputs; nth++) {
    const value = Buffer.from(JSON.stringify(`word-${nth % 3}`))
    world.cluster.append('in', 0, { value, timestampMs: nth })
  }
  const results = () =>
    world.cluster.readAll('out').map(({ key, value, timestampMs }) => {
      return [String(key), String(value), timestampMs]
    })
  const run = async () => {
    const before = results().length
    const worker = world.start()
    await world.until(() => results().length === before + outputs)
    await world.stop(worker)
    return results().slice(before)
  }
  const first = await run()
  const { admin } = world.client()
  const internal = world.cluster.topics().filter((topic) => topic.startsWith('app-'))
  await world.clock.run(admin.deleteTopics(internal))
  await world.clock.run(admin.resetOffsets('app', [{ topic: 'in', partition: 0, offset: 0 }]))
  if (world.cluster.topics().some((topic) => internal.includes(topic))) return 'topics are left'
  return isDeepStrictEqual(await run(), first) ? null : 'the second run gave other results'
}
