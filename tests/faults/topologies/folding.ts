// Re-keys readings by item over a repartition, echoes them behind it, and sends every update of
// minimum, sum and count: `in` → `echo`, `out`.

import { count, json, min, string, sum, topology } from 'millrace'
import type { Reading } from '../oracle/judge.ts'

const scene = process.env['SCENE'] ?? 'scene'

export default topology((t) => {
  const byItem = t
    .stream(`${scene}-in`, { key: string, value: json<Reading>(), nullValues: 'drop' })
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
