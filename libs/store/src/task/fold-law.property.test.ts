// A store is the fold of its changelog: whatever crashes, and whether or not the disk survives,
// the state at the end is byte for byte that of the run that never crashed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type Crash, CrashRun, crashSteps, type Input, LevelDisk, MemoryDisk } from './crash-run.ts'

const inputs = fc.array(
  fc.record<Input>({
    source: fc.nat(1),
    key: fc.constantFrom('a', 'b', 'c'),
    timestampMs: fc.nat(80),
    isDelete: fc.boolean(),
    commits: fc.boolean(),
  }),
  { maxLength: 40 },
)

const crashes = fc.array(
  fc.record<Crash>({
    atCommit: fc.nat(12),
    step: fc.constantFrom(...crashSteps),
    keepsDisk: fc.boolean(),
    compacts: fc.boolean(),
    losesTombstones: fc.boolean(),
  }),
  { maxLength: 6 },
)

const smallest = fc.constantFrom(1, 2, 100_000)

test('the state is the fold of its changelog, through any crashes', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, crashes, smallest, smallest, async (log, crashed, cache, expired) => {
      const straight = await new CrashRun(log, [], new MemoryDisk(), cache, expired).toEnd()
      const interrupted = await new CrashRun(log, crashed, new MemoryDisk(), cache, expired).toEnd()
      expect(interrupted).toEqual(straight)
    }),
    { numRuns: 400 },
  )
})

test('on LevelDB as in memory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-fold-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  await fc.assert(
    fc.asyncProperty(inputs, crashes, async (log, crashed) => {
      const straight = await new CrashRun(log, [], new MemoryDisk(), 100, 100).toEnd()
      expect(await new CrashRun(log, crashed, new LevelDisk(directory), 1, 100).toEnd()).toEqual(
        straight,
      )
    }),
    { numRuns: 25 },
  )
})

test('the size of the cache does not show in the state', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async (log) => {
      const large = await new CrashRun(log, [], new MemoryDisk(), 100_000, 100_000).toEnd()
      expect(await new CrashRun(log, [], new MemoryDisk(), 1, 100_000).toEnd()).toEqual(large)
    }),
    { numRuns: 100 },
  )
})
