import type { GroupMember } from '@millrace/kafka'
import { overriding } from '../overriding.ts'
import type { Canary } from './canary.ts'

/** The input's offsets are committed by themselves, before the transaction: a crash between loses records. */
export const offsetsOutside: Canary = {
  name: 'offsets outside the transaction',
  checkers: ['each-record-once'],
  tampering() {
    let member: GroupMember | undefined
    return (cluster) =>
      overriding(cluster, {
        groupMember(options) {
          member = cluster.groupMember(options)
          return member
        },
        transactionalProducer(options) {
          return overriding(cluster.transactionalProducer(options), {
            sendOffsets: async (offsets) => member?.commit(offsets),
          })
        },
      })
  },
}
