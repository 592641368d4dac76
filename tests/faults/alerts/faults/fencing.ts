import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AlertFault } from '../alert-fault.ts'

const everyMs = 3_000

const over = new AbortController()

/** Somebody else takes the transactional id of a worker, again and again. */
export const fencing: AlertFault = {
  alert: 'MillraceTxnAbortRate',
  title: 'a zombie fences a worker again and again',
  scale: 10,
  // Who is fenced joins its group anew.
  also: ['MillraceRebalanceStorm'],
  bed: { names: ['one'] },
  async begin(bed) {
    const { cluster, name } = bed.scene
    const directory = join(bed.scene.stateDirectory('one'), name)
    const processId = readFileSync(join(directory, 'process-id'), 'utf8').trim()
    const fence = async (): Promise<void> => {
      const transactionalId = `${name}-${processId}-0`
      const producer = cluster.transactionalProducer({ transactionalId })
      await producer.init()
      await producer.close()
    }
    const fenceOnAndOn = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await fence()
        await sleep(everyMs)
      }
    }
    void fenceOnAndOn().catch(() => {})
  },
  async end() {
    over.abort()
  },
}
