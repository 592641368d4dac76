// What a visitor does without a pause of half a minute is one visit.

import { json, session, topology } from 'millrace'

interface Visit {
  readonly pages: readonly string[]
}

export default topology((t) => {
  t.stream('clicks', { value: json<string>(), nullValues: 'drop' })
    .groupByKey()
    .windowedBy(session({ gap: '30s' }))
    .aggregate({
      name: 'visits',
      emit: 'final',
      initial: (): Visit => ({ pages: [] }),
      add: ({ pages }, page) => ({ pages: [...pages, page] }),
      merge: (earlier, later) => ({ pages: [...earlier.pages, ...later.pages] }),
    })
    .to('visits')
})
