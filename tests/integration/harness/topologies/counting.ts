// Counts the records of each key in windows of ten seconds: `in` → `out`, late ones to `late`.

import { string, topology, tumbling } from 'millrace'

/** The same figures for the batch. */
export const window = { sizeMs: 10_000, graceMs: 5_000 }

const {
  SCENE: scene = 'scene',
  STORE_VERSION = '1',
  EVERY_UPDATE = '',
  SLOW_MS = '0',
  BLOCK_MS = '0',
} = process.env

export default topology((t) => {
  t.stream(`${scene}-in`, { key: string, value: string })
    .peek((value) => {
      if (SLOW_MS !== '0') sleep(Number(SLOW_MS))
      if (value === 'block') sleep(Number(BLOCK_MS))
    })
    .groupByKey()
    .windowedBy(tumbling({ size: window.sizeMs, grace: window.graceMs }))
    .count({
      name: 'counts',
      version: Number(STORE_VERSION),
      everyUpdate: EVERY_UPDATE !== '',
      late: `${scene}-late`,
    })
    .toStream()
    .to(`${scene}-out`)
})

/** Nothing else turns on this thread meanwhile. */
function sleep(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs)
}
