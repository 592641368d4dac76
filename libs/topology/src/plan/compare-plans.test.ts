import { string } from '@millrace/record'
import type { StoreSpec } from '@millrace/store'
import { expect, test } from 'vitest'
import { buildTopology } from '../build/build-topology.ts'
import type { ProcessorNode } from '../node.ts'
import { processor, source, store } from '../topology-fixture.ts'
import { comparePlans } from './compare-plans.ts'
import { fingerprint, planOf } from './plan.ts'

const minutes = { sizeMs: 60_000, graceMs: 5_000 }

interface Change {
  readonly topic?: string
  readonly name?: string
  readonly store?: Partial<StoreSpec>
  readonly node?: Partial<ProcessorNode>
}

/** A windowed count, with something changed. */
function counted({ topic = 'in', name = 's', ...change }: Change = {}) {
  return buildTopology(
    [source(topic, ['count']), processor('count', [], { stores: [name], ...change.node })],
    [store(name, { kind: 'window', window: minutes, ...change.store })],
  )
}

function differences(change: Change, before = counted()) {
  return comparePlans(planOf(before), planOf(counted(change))).map(
    ({ severity, text }) => `${severity}: ${text}`,
  )
}

test('the same topology, built twice, has the same fingerprint and no differences', () => {
  expect(fingerprint(counted())).toBe(fingerprint(counted()))
  expect(fingerprint(planOf(counted()))).toBe(fingerprint(counted()))
  expect(differences({})).toEqual([])
})

test('a plan that was kept as JSON compares like one just made', () => {
  const kept = JSON.parse(JSON.stringify(planOf(counted())))
  expect(comparePlans(kept, planOf(counted()))).toEqual([])
  expect(fingerprint(kept)).toBe(fingerprint(counted()))
})

test.each<[string, Change, string]>([
  ['version', { store: { version: 2 } }, 'store s: version from 1 to 2'],
  ['value serde', { store: { valueSerde: string } }, 'store s: value serde from json to string'],
  [
    'window size',
    { store: { window: { ...minutes, sizeMs: 120_000 } } },
    'store s: window size from 1m to 2m',
  ],
  [
    'more grace',
    { store: { window: { ...minutes, graceMs: 9_000 } } },
    'store s: grace from 5s to 9s',
  ],
  ['kind', { store: { kind: 'key-value' } }, 'store s: kind from window to key-value'],
  ['another operator', { node: { operator: 'reduce' } }, 'store s: operator from count to reduce'],
  [
    'another detail',
    { node: { detail: 'a: sum' } },
    'store s: operator from count to count (a: sum)',
  ],
])('state does not fit after a change of %s', (_what, change, text) => {
  expect(differences(change)).toContain(`incompatible: ${text}`)
  expect(fingerprint(counted(change))).not.toBe(fingerprint(counted()))
})

test('a store under a new name would start empty, and is told from a new store', () => {
  expect(differences({ name: 't' })[0]).toMatch(/^incompatible: store s is now named t/)
  expect(differences({ name: 't', store: { version: 2 } })).toEqual([
    'harmless: store t is new; it starts empty, at the committed position',
    expect.stringMatching(/^harmless: store s is gone/),
  ])
})

test('less grace, other topics and new nodes leave the state as it is', () => {
  const lessGrace = { store: { window: { ...minutes, graceMs: 0 } } }
  expect(differences(lessGrace)).toEqual(['harmless: store s: grace from 5s to 0ms'])
  expect(differences({ topic: 'other' })[0]).toBe('harmless: store s: topics from in to other')
  for (const text of differences({ topic: 'other' })) expect(text).toMatch(/^harmless/)
})

test('a changed function is reported, and changes no fingerprint', () => {
  const before = counted({ node: { functionTexts: ['(a) => a'] } })
  const reformatted = { node: { functionTexts: ['(a)  =>\n  a'] } }
  const edited = { node: { functionTexts: ['(a) => -a'] } }
  expect(differences(reformatted, before)).toEqual([])
  expect(differences(edited, before)).toEqual([
    expect.stringMatching(/^harmless: node count: the text of its function changed/),
  ])
  expect(fingerprint(counted(edited))).toBe(fingerprint(before))
})
