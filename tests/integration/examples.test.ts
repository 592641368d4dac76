import { expect, test } from 'vitest'
import {
  type Example,
  exampleNames,
  lineOf,
  readExample,
  readExpected,
  timestampOf,
  topicsOf,
  valueBytes,
} from '../../examples/example.ts'
import { readTopic } from '../../tools/demo/read-topic.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { Scene } from './harness/scene.ts'
import { startWorker } from './harness/worker.ts'

// Examples name their own topics, each other ones than the rest.

describeWithKafka('the examples, on a broker', (brokers) => {
  test.each(exampleNames())('%s ends with what is expected', async (name) => {
    await using scene = await Scene.open({ brokers, topics: {} })
    const example = await readExample(name)
    const { read, written, dead } = topicsOf(example)
    const topics = [...read.keys(), ...written.keys(), ...(dead === undefined ? [] : [dead])]
    const configs = { 'retention.ms': '-1' }
    await scene.cluster.admin.createTopics(
      topics.map((topic) => ({ topic, partitionCount: 1, configs })),
    )
    scene.atEnd(() => scene.cluster.admin.deleteTopics(topics))
    startWorker(scene, example.topology, { state: 'one', deadLetterTopic: dead })
    await feed(scene, example)
    const expected = lastLines(readExpected(name))
    const found = async () => lastLines((await linesOf(scene, example)).join('\n'))
    await scene.until('all results', async () => (await found()).length >= expected.length)
    await expect.poll(found, { timeout: 30_000, interval: 200 }).toEqual(expected)
  })
})

/** Record by record, so that those of several topics are read in their order. */
async function feed(scene: Scene, example: Example): Promise<void> {
  const { read } = topicsOf(example)
  const producer = scene.cluster.producer({})
  const ends = new Map<string, number>()
  for (const input of example.input) {
    const { topic, key } = input
    const serdes = read.get(topic)
    if (serdes === undefined) throw new Error(`nothing reads ${topic}`)
    const keyBytes = key === null ? null : serdes.key.serialize(key)
    const value = valueBytes(input, serdes.value)
    producer.append(topic, 0, keyBytes, value, timestampOf(input), [])
    await producer.flush()
    const end = (ends.get(topic) ?? 0) + 1
    ends.set(topic, end)
    await scene.until(`${topic} is read to ${end}`, async () => {
      const at = [{ topic, partition: 0 }]
      const options = { requireStable: true }
      const [committed] = await scene.cluster.committedOffsets(scene.name, at, options)
      return (committed?.offset ?? 0) >= end
    })
  }
  await producer.close()
}

async function linesOf(scene: Scene, example: Example): Promise<string[]> {
  const { written, dead } = topicsOf(example)
  const lines: string[] = []
  for (const [topic, serdes] of written) {
    for (const { key, value, timestampMs } of (await readTopic(scene.cluster, topic)).flat()) {
      const record = {
        key: key === null ? null : serdes.key.deserialize(key),
        value: value === null ? null : serdes.value.deserialize(value),
      }
      lines.push(`    ${lineOf({ topic, ...record, timestampMs })}`)
    }
  }
  if (dead === undefined) return lines
  for (const { key, value, timestampMs } of (await readTopic(scene.cluster, dead)).flat()) {
    const record = { key: String(key), value: String(value), timestampMs }
    lines.push(`    ${lineOf({ topic: dead, ...record })}`)
  }
  return lines
}

/** A commit brings one result a row, the last: the last line of each topic and key. */
function lastLines(text: string): readonly string[] {
  const results = text.split('\n').filter((line) => line.startsWith('    '))
  const last = new Map(results.map((line) => [keyOf(line), line.trim()]))
  return [...last.values()].toSorted()
}

function keyOf(line: string): string {
  return line.trim().slice('00:00:00'.length, line.trim().indexOf(' = '))
}
