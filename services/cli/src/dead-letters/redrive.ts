import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import { type Headers, withHeader } from '@millrace/record'
import { ledgerTopic, readLedger, type Settlement } from './ledger.ts'
import { identityOf, type Letter, redrivenHeader } from './letter.ts'
import type { Redriven } from './patch.ts'

export interface SettleOptions {
  readonly cluster: Cluster
  readonly applicationId: string
  readonly settlement: Settlement
  /** Records a second. */
  readonly perSecond: number
}

const perTransactionMax = 100

/**
 * Settles letters: each record that is written again and the note that it was are in one transaction. Who
 * settles has the transactional id to itself: a second one fences the first, and reads what that noted.
 * Gives the number of those that were not settled before.
 */
export async function settle(
  letters: readonly { readonly letter: Letter; readonly redriven: Redriven | null }[],
  { cluster, applicationId, settlement, perSecond }: SettleOptions,
): Promise<number> {
  const { topic: ledger } = ledgerTopic(applicationId)
  await cluster.admin.createTopics([ledgerTopic(applicationId)])
  const producer = cluster.transactionalProducer({
    transactionalId: `${applicationId}-dlq`,
    transactionTimeoutMs: 60_000,
    recordMaxBytes: 8_000_000,
  })
  try {
    await producer.init()
    const settled = await readLedger(cluster, applicationId)
    const open = letters.filter(({ letter }) => !settled.has(identityOf(letter)))
    const batch = Math.max(1, Math.min(perTransactionMax, perSecond))
    const startedAtMs = performance.now()
    for (let from = 0; from < open.length; from += batch) {
      await sleep(Math.max(0, startedAtMs + (from / perSecond) * 1_000 - performance.now()))
      producer.begin()
      for (const { letter, redriven } of open.slice(from, from + batch)) {
        if (redriven !== null && letter.source !== null) {
          const { topic, partition } = letter.source
          const { key, value } = redriven
          producer.append(topic, partition, key, value, letter.timestampMs, headersOf(letter))
        }
        const note = Buffer.from(JSON.stringify(settlement))
        producer.append(ledger, 0, Buffer.from(identityOf(letter)), note, settlement.atMs, [])
      }
      await producer.commit()
    }
    return open.length
  } finally {
    await producer.close()
  }
}

function headersOf(letter: Letter): Headers {
  return withHeader(letter.headers, redrivenHeader, identityOf(letter))
}
