// As `folding.ts`, and once in the life of a file the first reading blocks its thread.

import { existsSync, writeFileSync } from 'node:fs'
import { count, json, min, string, sum, topology } from 'millrace'
import type { Reading } from '../oracle/judge.ts'

const scene = process.env['SCENE'] ?? 'scene'

function blockOnce(): void {
  const flag = process.env['FAULT_BLOCK_ONCE']
  if (flag === undefined || existsSync(flag)) return
  writeFileSync(flag, '')
  const never = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(never, 0, 0, Number(process.env['FAULT_BLOCK_MS']))
}

export default topology((t) => {
  const byItem = t
    .stream(`${scene}-in`, { key: string, value: json<Reading>(), nullValues: 'drop' })
    .peek(blockOnce)
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
