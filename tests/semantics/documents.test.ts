// The tables of docs/joins.md, as they stand there.

import { readFileSync } from 'node:fs'
import { json, type StreamBuilder, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

type Join = 'inner' | 'leftJoin' | 'outerJoin'
type Value = string | null

const values = { value: json<string>() }
const joined = (left: Value, right: Value) => `${left ?? '–'}${right ?? '–'}`

const programs: { readonly [chapter: string]: (t: StreamBuilder, join: Join) => void } = {
  'Streams in a window'(t, join) {
    const [left, right] = [t.stream('left', values), t.stream('right', values)]
    const options = { name: 'pairs', before: 15, after: 15, grace: 5 }
    const result =
      join === 'inner'
        ? left.join(right, joined, options)
        : join === 'leftJoin'
          ? left.leftJoin(right, joined, options)
          : left.outerJoin(right, joined, options)
    result.to('out')
  },
  'A stream with a table'(t, join) {
    const [left, right] = [t.stream('left', values), t.table('right', { name: 'rows', ...values })]
    const result = join === 'inner' ? left.join(right, joined) : left.leftJoin(right, joined)
    result.to('out')
  },
  'Tables by their key'(t, join) {
    const left = t.table('left', { name: 'left-rows', ...values })
    const right = t.table('right', { name: 'right-rows', ...values })
    const result =
      join === 'inner'
        ? left.join(right, joined)
        : join === 'leftJoin'
          ? left.leftJoin(right, joined)
          : left.outerJoin(right, joined)
    result.to('out')
  },
}

interface Line {
  readonly timestampMs: number
  readonly left: string
  readonly right: string
  readonly results: { readonly [column: string]: string }
}

const document = readFileSync(new URL('../../docs/joins.md', import.meta.url), 'utf8')

test.each(Object.keys(programs))('the table of "%s" is what comes out', async (chapter) => {
  const lines = linesOf(chapter)
  expect(lines.length).toBeGreaterThan(5)
  for (const join of Object.keys(lines[0]?.results ?? {}) as Join[]) {
    const program = topology((t) => programs[chapter]?.(t, join))
    await using driver = await createTestDriver(program)
    const output = driver.output<string, string>('out')
    for (const { timestampMs, left, right, results } of lines) {
      const [topic, value] = left === '' ? ['right', right] : ['left', left]
      await driver
        .input<string, string>(topic)
        .pipe('k', value === 'x' ? null : value, { timestampMs })
      const text = output
        .readAll()
        .map((result) => result.value ?? 'x')
        .join(' ')
      expect(`${join} at ${timestampMs}: ${text}`).toBe(
        `${join} at ${timestampMs}: ${results[join]}`,
      )
    }
  }
})

/** The lines of the chapter's table that begins with a column `time`. */
function linesOf(chapter: string): Line[] {
  const text = document.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? ''
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  const cells = rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const columns = cells[0] ?? []
  return cells.slice(2).map(([time, left = '', right = '', ...results]) => ({
    timestampMs: Number(time),
    left,
    right,
    results: Object.fromEntries(results.map((result, nth) => [columns[nth + 3], result])),
  }))
}
