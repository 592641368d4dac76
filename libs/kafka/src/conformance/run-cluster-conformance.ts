import type { ConformanceOptions } from './cluster-under-test.ts'
import { defineSuite, type TestFunctions } from './suite.ts'
import { fetching } from './themes/fetching.ts'
import { groupCommits } from './themes/group-commits.ts'
import { groups } from './themes/groups.ts'
import { listedOffsets } from './themes/listed-offsets.ts'
import { manifest } from './themes/manifest.ts'
import { producing } from './themes/producing.ts'
import { records } from './themes/records.ts'
import { topics } from './themes/topics.ts'
import { transactionOffsets } from './themes/transaction-offsets.ts'
import { transactions } from './themes/transactions.ts'

/**
 * The contract of the `Cluster` port as tests. Every adapter runs it, and so does the simulated
 * cluster:
 *
 * ```ts
 * runClusterConformance({ describe, test, expect, beforeAll, afterAll }, { name: 'simulation', … })
 * ```
 */
export function runClusterConformance(functions: TestFunctions, options: ConformanceOptions): void {
  defineSuite(functions, options, {
    manifest: manifest(options.supports),
    topics,
    records,
    producing,
    fetching,
    'listed offsets': listedOffsets,
    transactions,
    'offsets in transactions': transactionOffsets,
    groups,
    'commits of a group': groupCommits,
  })
}
