import type { GroupListener } from '@millrace/kafka'
import type { RequestQueue } from './request-queue.ts'

/** What the group says becomes requests to the loop; the member waits until they are done. */
export function groupListener(requests: RequestQueue): GroupListener {
  return {
    onRejoin: () => requests.ask({ kind: 'rejoin' }),
    onRevoked: (partitions) => requests.ask({ kind: 'revoke', partitions }),
    onAssigned: (partitions, userData) => requests.ask({ kind: 'assign', partitions, userData }),
    onLost: (partitions) => requests.ask({ kind: 'lose', partitions }),
    // The loop ends with it.
    onFatal: (error) => requests.tell({ kind: 'failed', error }),
  }
}
