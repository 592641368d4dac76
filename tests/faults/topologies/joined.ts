// Joins readings with what is known of their sensors: `in` with the table `sensors` → `out`.

import { json, string, topology } from 'millrace'

const { SCENE: scene = 'scene' } = process.env
const serdes = { key: string, value: json<object>() } as const

export default topology((t) => {
  const sensors = t.table(`${scene}-sensors`, { ...serdes, name: 'sensors' })
  t.stream(`${scene}-in`, { ...serdes, nullValues: 'drop' })
    .join(sensors, (reading, sensor) => ({ ...reading, ...sensor }))
    .to(`${scene}-out`)
})
