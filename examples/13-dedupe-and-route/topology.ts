// A gateway sends some payments twice. Each counts once, and goes to the topic of its currency.

import { json, string, topology } from 'millrace'

interface Payment {
  readonly id: string
  readonly amount: number
  readonly currency: 'eur' | 'usd'
}

export default topology((t) => {
  t.stream('payments', { key: string, value: json<Payment>(), nullValues: 'drop' })
    .dedupe({ name: 'seen-payments', within: '10m', id: ({ id }) => id, grace: '1m' })
    .to(({ currency }) => `payments-${currency}`, { topics: ['payments-eur', 'payments-usd'] })
})
