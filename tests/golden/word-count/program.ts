import { string, topology } from 'millrace'
import type { GoldenProgram } from '../golden-program.ts'

const wordsOf = (line: string) => line.toLowerCase().match(/[a-z]+/g) ?? []

/** Words are keys of their own: they pass through a repartition topic of two partitions. */
export const wordCount: GoldenProgram = {
  topology: topology((t) => {
    t.stream('lines', { value: string, nullValues: 'drop' })
      .flatMap((line) => wordsOf(line).map((word) => ({ key: word, value: 1 })))
      .groupByKey({ repartition: 'by-word' })
      .count({ name: 'word-counts' })
      .to('word-counts')
  }),
  partitions: { lines: 2, 'word-counts': 2 },
  outputs: ['word-counts'],
  resultTopics: ['word-counts'],
  isRekeyed: true,
  magnitude: (count: number) => count,
  batch(input) {
    const counts = new Map<string, number>()
    for (const { value } of input) {
      for (const word of wordsOf((value as string | null) ?? '')) {
        const name = `word-counts ${word}`
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
    return counts
  },
}
