import { conforms, type Theme } from '../theme.ts'

export const records: Theme = [
  conforms(
    'keys, values and headers come back as they were written, null apart from empty',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const written = [
        { key: 'k', value: 'v', headers: [] },
        { key: null, value: 'no key', headers: [] },
        { key: 'no value', value: null, headers: [] },
        { key: '', value: '', headers: [] },
        {
          key: 'ключ',
          value: '✓',
          headers: [
            ['b', Buffer.from('1')],
            ['a', null],
            ['b', Buffer.alloc(0)],
            ['é', Buffer.from([0, 255])],
          ],
        },
      ] as const
      await client.write(at, written)
      const read = await client.read(at, 'read_committed')
      expect(read.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(written)
    },
  ),

  conforms(
    'timestamps come back exactly: zero, out of order and far apart',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const now = client.clock.nowMs()
      const timestamps = [now, 0, now - 1, 1, now - 86_400_000 * 365, now + 60_000]
      await client.write(
        at,
        timestamps.map((timestampMs) => ({ value: 'x', timestampMs })),
      )
      const read = await client.read(at, 'read_committed')
      expect(read.map(({ timestampMs }) => timestampMs)).toEqual(timestamps)
    },
  ),

  conforms(
    'with the log append time every record has the time of its writing',
    async (client, expect) => {
      const topic = await client.topic(1, { 'message.timestamp.type': 'LogAppendTime' })
      const at = { topic, partition: 0 }
      const before = client.clock.nowMs()
      await client.write(at, [
        { value: 'a', timestampMs: 5 },
        { value: 'b', timestampMs: 7 },
      ])
      const [a, b] = await client.read(at, 'read_committed')
      expect(a?.timestampMs).toBeGreaterThanOrEqual(before - 1_000)
      expect(b?.timestampMs).toBe(a?.timestampMs)
    },
  ),

  conforms('a large value comes back whole', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const value = 'x'.repeat(900_000)
    await client.write(at, [{ value }, { value: 'after it' }])
    const read = await client.read(at, 'read_committed')
    expect(read.map((record) => record.value?.length)).toEqual([900_000, 8])
  }),
]
