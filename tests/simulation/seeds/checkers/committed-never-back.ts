import { applicationId, partitionCount, repartition, topics } from '../application.ts'
import type { Evidence } from '../evidence.ts'
import { both, type Checker } from './checker.ts'

/** The group's committed offsets never go back, whoever wakes up. */
export const committedNeverBack: Checker = {
  name: 'committed-never-back',
  guarantees: both,
  start() {
    const highest = new Map<string, number>()
    const found: string[] = []
    return {
      watch({ cluster }: Evidence) {
        for (const topic of [topics.input, repartition]) {
          for (let partition = 0; partition < partitionCount; partition++) {
            const name = `${topic}-${partition}`
            const offset = cluster.committedOffset(applicationId, topic, partition)
            const before = highest.get(name) ?? -1
            if (offset < before) found.push(`${name}: committed ${offset} after ${before}`)
            highest.set(name, Math.max(before, offset))
          }
        }
      },
      differences: () => found,
    }
  },
}
