import type { NodeCounts, Receiver } from '../task/receiver.ts'
import type { RecordQueue } from '../task/record-queue.ts'

/**
 * Names of nodes whose books do not balance: records that came in and neither finished nor failed,
 * or left a queue without becoming anything.
 * Checked at every commit (decision 23), when no record is under way.
 */
export function unbalanced(
  nodes: readonly (NodeCounts & Receiver)[],
  queues: readonly RecordQueue[],
): readonly string[] {
  const broken = nodes.filter((node) => node.received !== node.completed + node.failed)
  const leaking = queues.filter((queue) => {
    const { entered, dropped, failed, markers, skipped } = queue.left
    const isEmptied = queue.hasHead || queue.queuedRecords === 0
    return queue.recordsOut !== entered + dropped + failed + markers + skipped || !isEmptied
  })
  return [...broken.map((node) => node.name), ...leaking.map((queue) => queue.node.name)]
}
