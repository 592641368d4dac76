// Counts words in windows of a minute, whatever partition they came from: `in` → repartition → `out`.

import { string, topology, tumbling } from 'millrace'

/** The same figures for the batch. */
export const window = { sizeMs: 60_000, graceMs: 0 }

/** Topics are named after the scene. */
export const rekeyedFor = (scene: string, { everyUpdate = false, graceMs = window.graceMs } = {}) =>
  topology((t) => {
    t.stream(`${scene}-in`, { key: string, value: string })
      .groupBy((word) => word, { repartition: 'by-word' })
      .windowedBy(tumbling({ size: window.sizeMs, grace: graceMs }))
      .count({ name: 'counts', everyUpdate, late: `${scene}-late` })
      .toStream()
      .to(`${scene}-out`)
  })

export default rekeyedFor(process.env['SCENE'] ?? 'scene')
