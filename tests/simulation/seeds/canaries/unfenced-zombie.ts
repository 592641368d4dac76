import { overriding } from '../overriding.ts'
import type { Canary } from './canary.ts'

/** Nobody fences a vanished member, and offsets go out without member and generation: a zombie commits. */
export const unfencedZombie: Canary = {
  name: 'a zombie that nothing fences',
  checkers: ['each-record-once', 'running-count'],
  tampering() {
    let ownId: string | undefined
    return (cluster) =>
      overriding(cluster, {
        groupMember(options) {
          const member = cluster.groupMember(options)
          // It believes to be in the group for ever.
          return overriding(member, { metadata: () => ({ ...member.metadata(), generation: 1 }) })
        },
        transactionalProducer(options) {
          const producer = cluster.transactionalProducer(options)
          ownId ??= options.transactionalId
          if (options.transactionalId !== ownId)
            return overriding(producer, { init: async () => {} })
          return overriding(producer, {
            sendOffsets: (offsets, { groupId }) =>
              producer.sendOffsets(offsets, { groupId, ...outsideGroup }),
          })
        },
      })
  },
}

const outsideGroup = { memberId: '', generation: -1, groupInstanceId: null }
