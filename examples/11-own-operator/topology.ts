// An operator of your own: it keeps what each meter said last, and tells the sum every minute.

import { json, topology } from 'millrace'

export default topology((t) => {
  t.stream('meters', { value: json<number>(), nullValues: 'drop' })
    .process({
      name: 'sum-of-meters',
      value: json<number>(),
      stores: { latest: { value: json<Record<string, number>>() } },
      start({ stores: { latest }, forward, schedule }) {
        schedule({ every: '1m', by: 'stream-time' }, () => {
          const watts = Object.values(latest.get('all') ?? {})
          forward({ key: 'sum', value: watts.reduce((sum, each) => sum + each, 0) })
        })
        return {
          process({ key, value }) {
            latest.put('all', { ...latest.get('all'), [key ?? 'nameless']: value })
          },
        }
      },
    })
    .to('meter-sums')
})
