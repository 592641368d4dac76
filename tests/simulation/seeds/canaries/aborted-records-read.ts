import { overriding } from '../overriding.ts'
import type { Canary } from './canary.ts'

/** Fetchers do not leave out what was aborted, or is undecided. */
export const abortedRecordsRead: Canary = {
  name: 'aborted records are read',
  checkers: ['each-record-once'],
  tampering: () => (cluster) =>
    overriding(cluster, {
      fetcher: (options) => cluster.fetcher({ ...options, isolation: 'read_uncommitted' }),
    }),
}
