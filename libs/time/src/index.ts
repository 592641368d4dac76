export { type CancelTimer, type Clock, systemClock } from './clock.ts'
export { type Duration, formatDuration, parseDuration } from './duration.ts'
export {
  type JoinWindowSide,
  type JoinWindows,
  type JoinWindowsOptions,
  joinWindows,
} from './join-windows.ts'
export { type SessionOptions, type SessionWindows, session } from './session-windows.ts'
export { type SlidingOptions, type SlidingWindows, sliding } from './sliding-windows.ts'
export {
  type HoppingOptions,
  hopping,
  type TimeWindows,
  type TumblingOptions,
  tumbling,
} from './time-windows.ts'
export { type UnlimitedOptions, unlimited } from './unlimited-windows.ts'
export type { Window, Windowed } from './window.ts'
export { describeWindows, type Windows } from './windows.ts'
