import { json, type TimestampExtractor, topology } from 'millrace'
import type { Program } from './program.ts'

type Extractor = TimestampExtractor<string | null, number | null>

const extractors: { readonly [name: string]: Extractor } = {
  'log-and-skip': ({ record }) => record.timestampMs,
  'partition-time': ({ record, partitionTimeMs }) =>
    record.timestampMs < 0 ? partitionTimeMs : record.timestampMs,
  value: ({ record }) => record.value ?? -1,
  'value-or-partition-time': ({ record, partitionTimeMs }) => record.value ?? partitionTimeMs,
}

export const timestampExtractor: Program = {
  inputs: ['in'],
  outputs: ['out', 'out-count'],
  topology(params, { everyUpdate }) {
    const timestamp = extractors[params.text('extractor')] as Extractor
    return topology((t) => {
      const input = t.stream('in', { value: json<number>(), timestamp })
      input.to('out')
      input.groupByKey().count({ name: 'counts', everyUpdate }).to('out-count')
    })
  },
}
