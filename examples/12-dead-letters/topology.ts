// Records that cannot be read, or that a function refuses, go to the dead-letter topic; the rest goes on.

import { json, topology } from 'millrace'

interface Payment {
  readonly cents: number
}

export default topology((t) => {
  t.stream('payments', { value: json<Payment>(), nullValues: 'drop' })
    .mapValues(({ cents }) => {
      if (!Number.isInteger(cents)) throw new RangeError(`no such amount: ${cents}`)
      return { euros: cents / 100 }
    })
    .to('payments-in-euros')
})
