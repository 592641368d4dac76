// Two topics whose keys meet in one store: both must have as many partitions.

import { string, topology } from 'millrace'

const { SCENE: scene = 'scene' } = process.env

export default topology((t) => {
  const left = t.stream(`${scene}-left`, { key: string, value: string })
  const right = t.stream(`${scene}-right`, { key: string, value: string })
  left.merge(right).groupByKey().count({ name: 'counts' }).toStream().to(`${scene}-out`)
})
