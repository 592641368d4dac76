// A price is told on at most every ten seconds, whatever happens in between.

import { json, topology } from 'millrace'

export default topology((t) => {
  t.table('prices', { name: 'prices', value: json<number>() })
    .suppress({ name: 'calm-prices', until: { timeLimit: '10s' } })
    .to('calm-prices')
})
