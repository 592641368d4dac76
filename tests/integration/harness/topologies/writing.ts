// Writes each record of `in` to an HTTP server, through an outbox.

import { string, topology } from 'millrace'

const { SCENE: scene = 'scene', SINK_URL: url = '' } = process.env

export default topology((t) => {
  t.stream(`${scene}-in`, { key: string, value: string, nullValues: 'drop' }).sink({
    name: 'mail',
    backoff: '20ms',
    write: async (value, key, { id, signal }) => {
      const headers = { 'idempotency-key': id }
      const body = JSON.stringify({ key, value })
      const response = await fetch(url, { method: 'POST', headers, body, signal })
      if (!response.ok) throw new Error(`the server said ${response.status}`)
    },
  })
})
