import { unreachable } from '@millrace/errors'
import { formatDuration } from './duration.ts'
import type { SessionWindows } from './session-windows.ts'
import type { SlidingWindows } from './sliding-windows.ts'
import type { TimeWindows } from './time-windows.ts'

/** Windows of any kind. Each has `closesAt(window)`, the one rule that says when it is closed. */
export type Windows = TimeWindows | SlidingWindows | SessionWindows

/** One line, for descriptions and the plan: `tumbling 15m, grace 5m`. */
export function describeWindows(windows: Windows): string {
  if (windows.kind === 'unlimited') return `unlimited from ${windows.firstStart(Infinity)}`
  return `${extent(windows)}, grace ${formatDuration(windows.graceMs)}`
}

function extent(windows: Windows): string {
  switch (windows.kind) {
    case 'unlimited':
    case 'tumbling':
      return `${windows.kind} ${formatDuration(windows.sizeMs)}`
    case 'hopping':
      return `hopping ${formatDuration(windows.sizeMs)} by ${formatDuration(windows.advanceMs)}`
    case 'sliding':
      return `sliding ${formatDuration(windows.timeDifferenceMs)}`
    case 'session':
      return `session ${formatDuration(windows.gapMs)}`
    default:
      return unreachable(windows)
  }
}
