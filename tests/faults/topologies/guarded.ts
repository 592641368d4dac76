// As `folding.ts`, for readings that may be wrong: an item that is no text is refused, and one of the
// item `huge` becomes larger than a record may be.

import { count, json, min, string, sum, topology } from 'millrace'
import type { Reading } from '../oracle/judge.ts'

const scene = process.env['SCENE'] ?? 'scene'

function checked(reading: Reading): Reading {
  if (typeof reading.item !== 'string') throw new TypeError('the item is no text')
  return reading.item === 'huge' ? { ...reading, item: 'x'.repeat(2_000_000) } : reading
}

export default topology((t) => {
  const byItem = t
    .stream(`${scene}-in`, { key: string, value: json<Reading>(), nullValues: 'drop' })
    .mapValues(checked, { value: json<Reading>() })
    .selectKey(({ item }) => item)
    .repartition({ name: 'by-item' })
  byItem.to(`${scene}-echo`)
  byItem
    .groupByKey()
    .aggregate({
      name: 'folds',
      of: {
        min: min(({ n }: Reading) => n),
        sum: sum(({ n }: Reading) => n),
        count: count(),
      },
      everyUpdate: true,
    })
    .toStream()
    .to(`${scene}-out`)
})
