// Counts readings in windows of ten seconds, slowly enough that some always wait and the view misses its
// target: `in` → `out`, late ones to `late`; it refuses readings below 0. And counts keys of two topics
// together, and refuses the key `refused` afterwards: `left` and `right` → `merged`.

import { json, string, topology, tumbling } from 'millrace'

const { SCENE: scene = 'scene' } = process.env
const perRecordMs = 2

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, perRecordMs)
}

export default topology((t) => {
  t.stream(`${scene}-in`, { key: string, value: json<{ readonly reading: number }>() })
    .peek((value) => {
      if ((value?.reading ?? 0) < 0) throw new RangeError('a reading is not below 0')
      pause()
    })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '5s' }))
    .count({
      name: 'readings',
      late: `${scene}-late`,
      freshness: { target: '1s', objective: 0.99 },
    })
    .toStream()
    .to(`${scene}-out`)

  const left = t.stream(`${scene}-left`, { key: string, value: string })
  const right = t.stream(`${scene}-right`, { key: string, value: string })
  left
    .merge(right)
    .groupByKey()
    .count({ name: 'merged', everyUpdate: true })
    .toStream()
    .peek((_count, key) => {
      if (key === 'refused') throw new RangeError('refused, and counted already')
    })
    .to(`${scene}-merged`)
})
