import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const flatMapRekey: Program = {
  inputs: ['in'],
  outputs: ['out-flat', 'out-select', 'out-count'],
  topology(params, { everyUpdate }) {
    const separator = params.text('separator')
    const words = (text: string | null) =>
      (text ?? '').split(separator).filter((part) => part !== '')
    return topology((t) => {
      const input = t.stream('in', { value: json<string>() })
      input
        .flatMap((text, key) =>
          words(text).map((word, nth) => ({ key: word, value: `${key ?? 'none'}:${nth}` })),
        )
        .to('out-flat')
      const selected = input.selectKey((text) => words(text)[0] ?? null)
      selected.to('out-select')
      selected
        .groupByKey({ repartition: 'by-first-word' })
        .count({ name: 'counts', everyUpdate })
        .to('out-count')
    })
  },
}
