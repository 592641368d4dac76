// One picture of a customer, made of two streams.

import { json, topology } from 'millrace'

interface Picture {
  readonly visits: number
  readonly spent: number
}

export default topology((t) => {
  const visits = t.stream('shop-visits', { value: json<string>(), nullValues: 'drop' })
  const purchases = t.stream('purchases', { value: json<number>(), nullValues: 'drop' })
  visits
    .groupByKey()
    .cogroup({
      initial: (): Picture => ({ visits: 0, spent: 0 }),
      add: (picture) => ({ ...picture, visits: picture.visits + 1 }),
    })
    .cogroup(purchases.groupByKey(), (picture, amount) => ({
      ...picture,
      spent: picture.spent + amount,
    }))
    .aggregate({ name: 'pictures' })
    .to('pictures')
})
