// Counts readings in windows of ten seconds, `in` → `out`, late ones to `late`, and does wrong what the
// file FAULT_FILE says, for as long as it says so.

import { readFileSync } from 'node:fs'
import { json, string, topology, tumbling } from 'millrace'

const { SCENE: scene = 'scene', FAULT_FILE: faultFile = '' } = process.env

function wait(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

/** Empty where nothing is wrong. */
function wrong(): string {
  try {
    return readFileSync(faultFile, 'utf8')
  } catch {
    return ''
  }
}

export default topology((t) => {
  const readings = t
    .stream(`${scene}-in`, {
      key: string,
      value: json<{ readonly reading: number }>(),
      nullValues: 'drop',
    })
    .peek(() => {
      while (wrong() === 'blocks') wait(50)
      if (wrong() === 'slow') wait(100)
      if (wrong() === 'fails') throw new Error('as the fault wants it')
    })
    .filter(() => wrong() !== 'drops')
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '5s' }))
    .count({
      name: 'readings',
      late: `${scene}-late`,
      everyUpdate: true,
      freshness: { target: '5s', objective: 0.99 },
    })
    .toStream()
  readings
    .peek((records) => {
      if (wrong() === 'fails-behind' && records % 4 === 0) throw new Error('as the fault wants it')
    })
    .to(`${scene}-out`)
})
