// Counts readings in windows of ten seconds, slowly enough that some always wait: `in` → `out`, late
// ones to `late`.

import { json, string, topology, tumbling } from 'millrace'

const { SCENE: scene = 'scene' } = process.env
const perRecordMs = 2

export default topology((t) => {
  t.stream(`${scene}-in`, { key: string, value: json<{ readonly reading: number }>() })
    .peek(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, perRecordMs))
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '5s' }))
    .count({ name: 'readings', late: `${scene}-late` })
    .toStream()
    .to(`${scene}-out`)
})
