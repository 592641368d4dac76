import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decidedOtherwise } from './named/decided-otherwise.ts'
import { judgeNamed } from './named/main.ts'
import { readNamedCases } from './named/named-case.ts'

// Small cases with names, transcribed from Kafka Streams' own tests; ids as in docs and comments.

const named = readNamedCases(join(import.meta.dirname, 'cases', 'named.json'))

test.each(named)('$id $name', async (it) => {
  const otherwise = decidedOtherwise.get(it.id)
  expect(await judgeNamed(it)).toEqual(
    otherwise === undefined ? { kind: 'passed' } : { kind: 'skipped', why: otherwise.reason },
  )
})
