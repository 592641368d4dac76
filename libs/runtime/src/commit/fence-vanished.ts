import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import type { TransactionalPeers } from '../assignment/transactional-peers.ts'

/**
 * Ends what vanished members left open, by InitProducerId with their ids. Only for speed: should it
 * fail, their transactions end by their time-out, and readers of stable offsets wait for that.
 */
export async function fenceVanished(
  cluster: Cluster,
  peers: TransactionalPeers,
  logger: Logger,
): Promise<void> {
  const { vanished } = peers
  await Promise.all(
    vanished.map(async (transactionalId) => {
      const producer = cluster.transactionalProducer({ transactionalId })
      try {
        await producer.init()
        logger.info({ transactionalId }, 'a vanished member is fenced')
      } catch (error) {
        if (isMillraceError(error) && error.code === 'MILLRACE_KAFKA_CLOSED') throw error
        logger.warn({ err: error, transactionalId }, 'a vanished member could not be fenced')
      } finally {
        await producer.close()
      }
    }),
  )
  peers.forget(vanished)
}
