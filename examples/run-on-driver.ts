import { bytes, string } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { type Example, lineOf, timestampOf, topicsOf, valueBytes } from './example.ts'

/** Runs an example in the process, record by record: each line of input, and below it what it brings. */
export async function runOnDriver(example: Example): Promise<string> {
  await using driver = await createTestDriver(example.topology, example.settings)
  const { read, written } = topicsOf(example)
  const lines: string[] = []
  let deadLetters = 0
  for (const input of example.input) {
    const { topic, key } = input
    const timestampMs = timestampOf(input)
    const serde = read.get(topic)?.value ?? string
    const value = valueBytes(input, serde)
    lines.push(lineOf({ topic, key, value: value?.toString() ?? null, timestampMs }))
    await driver.input<string, Buffer>(topic, { key: string, value: bytes }).pipe(key, value, {
      timestampMs,
    })
    for (const out of written.keys()) {
      for (const record of driver.output(out).readAll()) {
        lines.push(`    ${lineOf({ topic: out, ...record })}`)
      }
    }
    for (const letter of driver.deadLetters().slice(deadLetters)) {
      const dead = { key: String(letter.key), value: String(letter.value), timestampMs }
      lines.push(`    ${lineOf({ topic: example.settings.deadLetterTopic ?? '', ...dead })}`)
    }
    deadLetters = driver.deadLetters().length
  }
  return `${lines.join('\n')}\n`
}
