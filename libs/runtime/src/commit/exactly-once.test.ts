import type { GroupMetadata, TransactionalProducer } from '@millrace/kafka'
import { expect, test } from 'vitest'
import { ExactlyOnce } from './exactly-once.ts'

const offsets = [{ topic: 'in', partition: 0, offset: 7 }]

function scene(group: Partial<GroupMetadata>) {
  const sent: GroupMetadata[] = []
  const producer = {
    init: async () => {},
    begin: () => {},
    sendOffsets: async (_: unknown, by: GroupMetadata) => void sent.push(by),
  } as Partial<TransactionalProducer> as TransactionalProducer
  const metadata = { groupId: 'app', memberId: 'm', generation: 3, groupInstanceId: null, ...group }
  return { sent, delivery: new ExactlyOnce(producer, () => metadata) }
}

test('offsets go out with the member id and generation that fence them', async () => {
  const { sent, delivery } = scene({})
  await delivery.sendOffsets(offsets)
  expect(sent).toMatchObject([{ memberId: 'm', generation: 3 }])
})

test('a member that has lost its generation sends none: the broker would not fence them', async () => {
  const { sent, delivery } = scene({ memberId: '', generation: -1 })
  await expect(delivery.sendOffsets(offsets)).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_FENCED',
    recovery: 'rejoin',
  })
  expect(sent).toEqual([])
})
