import { isMillraceError, type Recovery, unreachable } from '@millrace/errors'

/** What the caller can do for each recovery. */
export type RecoveryActions<T> = { readonly [R in Recovery]: (error: unknown) => T }

/** The only place that switches on an error's recovery. An error that is not ours stops the worker. */
export function recover<T>(error: unknown, actions: RecoveryActions<T>): T {
  const recovery: Recovery = isMillraceError(error) ? error.recovery : 'stop'
  switch (recovery) {
    case 'retry':
      return actions.retry(error)
    case 'skip':
      return actions.skip(error)
    case 'dead-letter':
      return actions['dead-letter'](error)
    case 'restore-task':
      return actions['restore-task'](error)
    case 'rejoin':
      return actions.rejoin(error)
    case 'stop':
      return actions.stop(error)
    default:
      return unreachable(recovery)
  }
}
