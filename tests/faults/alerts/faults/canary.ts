// The whole is broken though each part looks healthy.

import { canaryTopics } from '@millrace/topology'
import type { AlertFault } from '../alert-fault.ts'
import { partitions } from '../bed/alert-bed.ts'

let release: (() => Promise<void>) | undefined

export const canaryLost: AlertFault = {
  alert: 'MillraceCanaryMissing',
  title: 'somebody leaves a transaction open where readers read',
  scale: 1,
  bed: { env: { MILLRACE_CANARY_INTERVAL: '5s' } },
  async begin(bed) {
    const { cluster, name } = bed.scene
    await bed.scene.until('probes come back', async () => {
      return (await bed.processor('one').metric('millrace_canary_roundtrip_seconds_count')) > 0
    })
    const producer = cluster.transactionalProducer({
      transactionalId: `${name}-forgotten`,
      transactionTimeoutMs: 600_000,
    })
    await producer.init()
    producer.begin()
    const { echoes } = canaryTopics(name)
    for (let partition = 0; partition < partitions; partition++) {
      producer.append(echoes, partition, null, Buffer.from('{}'), Date.now(), [])
    }
    await producer.flush()
    release = async () => {
      await producer.abort()
      await producer.close()
    }
  },
  async end() {
    await release?.()
  },
}
