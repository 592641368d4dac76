// Readings above a limit, in another unit.

import { json, topology } from 'millrace'

interface Reading {
  readonly celsius: number
}

export default topology((t) => {
  t.stream('readings', { value: json<Reading>(), nullValues: 'drop' })
    .filter(({ celsius }) => celsius >= 30)
    .mapValues(({ celsius }) => ({ fahrenheit: celsius * 1.8 + 32 }))
    .to('alarms')
})
