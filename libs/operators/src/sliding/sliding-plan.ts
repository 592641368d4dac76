import type { SlidingWindow } from './sliding-window.ts'

/** What a record does to the windows of its key; in the order in which it does it. */
export type SlidingStep<A> =
  /** The record is added to a window that is there. */
  | { readonly kind: 'add'; readonly window: SlidingWindow<A> }
  /** The record is added to a new window that holds what `like` held before it, or nothing. */
  | { readonly kind: 'new'; readonly startMs: number; readonly like: SlidingWindow<A> | undefined }
  /** A new window without the record: it holds what `like` held before it. */
  | { readonly kind: 'after'; readonly startMs: number; readonly like: SlidingWindow<A> }

/**
 * The steps for a record at `t`, given the windows of its key that start in `[t - 2D, t + 1]`,
 * ascending: the order of Kafka Streams' `KStreamSlidingWindowAggregate`. Windows that are closed
 * are among them, so that a record is not forgotten with its own left window (L04).
 */
export function slidingPlan<A>(
  windows: readonly SlidingWindow<A>[],
  t: number,
  timeDifferenceMs: number,
): readonly SlidingStep<A>[] {
  return t < timeDifferenceMs
    ? earlyPlan(windows, t)
    : plan(windows.toReversed(), t, timeDifferenceMs)
}

function plan<A>(
  descending: readonly SlidingWindow<A>[],
  t: number,
  timeDifferenceMs: number,
): readonly SlidingStep<A>[] {
  const steps: SlidingStep<A>[] = []
  const seen = new Set<number>()
  let right: SlidingWindow<A> | undefined
  let left: SlidingWindow<A> | undefined
  let hasLeft = false
  let previousMs = -1
  for (const window of descending) {
    const { startMs, timestampMs } = window
    const endMs = startMs + timeDifferenceMs
    seen.add(startMs)
    if (startMs > t) continue
    if (endMs >= t) steps.push({ kind: 'add', window })
    if (endMs > t) {
      right ??= window
      continue
    }
    // The window that ends with the record: a record at the same time has made all windows already.
    if (endMs === t && timestampMs >= t) return steps
    previousMs = timestampMs
    if (endMs < t) {
      left = window
      break
    }
    hasLeft = true
  }
  const afterPreviousMs = previousMs + 1
  const isPreviousNear = previousMs >= 0 && afterPreviousMs + timeDifferenceMs >= t
  if (isPreviousNear && !seen.has(afterPreviousMs)) {
    steps.push({ kind: 'new', startMs: afterPreviousMs, like: undefined })
  }
  const leftMs = t - timeDifferenceMs
  if (!hasLeft) {
    steps.push({ kind: 'new', startMs: leftMs, like: previousMs >= leftMs ? left : undefined })
  }
  const needsRight = right !== undefined && right.timestampMs > t && !seen.has(t + 1)
  if (needsRight && right) steps.push({ kind: 'after', startMs: t + 1, like: right })
  return steps
}

/** No window starts before 0: records earlier than the time difference share `[0, D]`. */
function earlyPlan<A>(
  ascending: readonly SlidingWindow<A>[],
  t: number,
): readonly SlidingStep<A>[] {
  const steps: SlidingStep<A>[] = []
  const seen = new Set<number>()
  let first: SlidingWindow<A> | undefined
  let right: SlidingWindow<A> | undefined
  for (const window of ascending) {
    const { startMs } = window
    seen.add(startMs)
    if (startMs === 0) first = window
    else if (startMs <= t) {
      right = window
      steps.push({ kind: 'add', window })
    }
  }
  if (right === undefined && first !== undefined && first.timestampMs > t) right = first
  if (right !== undefined && right.timestampMs > t && !seen.has(t + 1)) {
    steps.push({ kind: 'after', startMs: t + 1, like: right })
  }
  const afterPreviousMs = first !== undefined && first.timestampMs < t ? first.timestampMs + 1 : -1
  if (afterPreviousMs >= 0 && !seen.has(afterPreviousMs)) {
    steps.push({ kind: 'new', startMs: afterPreviousMs, like: undefined })
  }
  if (first === undefined) steps.push({ kind: 'new', startMs: 0, like: undefined })
  else steps.push({ kind: 'add', window: first })
  return steps
}
