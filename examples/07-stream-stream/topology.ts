// Which advertisements were clicked within ten seconds, and which were not.

import { json, topology } from 'millrace'

interface Shown {
  readonly ad: string
}

interface Clicked {
  readonly by: string
}

export default topology((t) => {
  const shown = t.stream('ads-shown', { value: json<Shown>(), nullValues: 'drop' })
  const clicked = t.stream('ads-clicked', { value: json<Clicked>(), nullValues: 'drop' })
  shown
    .leftJoin(clicked, ({ ad }, click) => ({ ad, clickedBy: click?.by ?? null }), {
      name: 'shown-and-clicked',
      before: 0,
      after: '10s',
      grace: '2s',
    })
    .to('ad-results')
})
