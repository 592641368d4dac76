import type { CancelTimer, Clock } from '@millrace/time'
import type { KafkajsRequestQueue } from './private-surface.ts'

/** When requests wait for another reason than throttling; an answer sends them earlier. */
const pendingCheckMs = 10

/**
 * Replaces the queue's way of waking up. kafkajs 2.2.4 sets a timer after every answer although
 * nothing waits, with a negative delay: a loop of about 1 kHz per connection for ever, and
 * `TimeoutNegativeWarning` on Node 24 (its issues #1704 and #1751; see PATCHES.md). Here a timer
 * runs only while a request waits. Returns what stops it.
 */
export function replaceRequestTimers(queue: KafkajsRequestQueue, clock: Clock): CancelTimer {
  let cancel: CancelTimer | null = null
  queue.scheduleCheckPendingRequests = () => {
    if (cancel !== null || queue.pending.length === 0) return
    const throttledMs = queue.throttledUntil - clock.nowMs()
    cancel = clock.setTimer(throttledMs > 0 ? throttledMs : pendingCheckMs, () => {
      cancel = null
      queue.checkPendingRequests()
    })
  }
  return () => cancel?.()
}
