// Means over the last minute, every thirty seconds: windows that overlap, several aggregates at once.

import { count, hopping, json, max, mean, topology } from 'millrace'

interface Reading {
  readonly celsius: number
}

export default topology((t) => {
  t.stream('temperatures', { value: json<Reading>(), nullValues: 'drop' })
    .groupByKey()
    .windowedBy(hopping({ size: '1m', advance: '30s' }))
    .aggregate({
      name: 'last-minute',
      emit: 'final',
      of: {
        readings: count(),
        mean: mean(({ celsius }) => celsius),
        warmest: max(({ celsius }) => celsius),
      },
    })
    .to('last-minute')
})
