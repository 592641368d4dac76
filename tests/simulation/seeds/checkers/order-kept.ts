import { byKey, type Evidence, echoesOf } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'

/** Exactly once: readings of one item and one input partition keep their order over the repartition. */
export const orderKept = atTheEnd('order-kept', exactlyOnce, function* (it: Evidence) {
  const positions = new Map(
    it.fed.flatMap(({ reading, partition, offset }) =>
      reading === null ? [] : [[reading.id, { partition, offset }] as const],
    ),
  )
  const lanes = byKey(
    echoesOf(it),
    ({ id, item }) => `${item} of partition ${positions.get(id)?.partition}`,
  )
  for (const [lane, readings] of lanes) {
    let last = -1
    for (const { id } of readings) {
      const offset = positions.get(id)?.offset ?? -1
      if (offset < last) yield `${lane}: offset ${offset} came out behind ${last}`
      last = Math.max(last, offset)
    }
  }
})
