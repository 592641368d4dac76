export { assert, unreachable } from './assert.ts'
export { type ErrorCode, errorCatalogue } from './catalogue.ts'
export {
  isMillraceError,
  MillraceError,
  type MillraceErrorOptions,
  type RecordPosition,
} from './millrace-error.ts'
export type { Recovery } from './recovery.ts'
