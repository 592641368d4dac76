import { expect, test } from 'vitest'
import { buildTopology } from './build/build-topology.ts'
import { canaryTopics, ownedTopicsOf, withCanary } from './canary.ts'
import { comparePlans } from './plan/compare-plans.ts'
import { planOf } from './plan/plan.ts'
import { processor, source, store } from './topology-fixture.ts'

const counting = buildTopology(
  [source('in', ['count']), processor('count', [], { stores: ['counts'] })],
  [store('counts')],
)

test('a canary is a sub-topology behind all others, which stay as they are', () => {
  const watched = withCanary(counting, 'app')
  expect(watched.subTopologies.slice(0, -1)).toEqual(counting.subTopologies)
  expect(watched.subTopologies.at(-1)).toMatchObject({ sourceTopics: ['app-canary'], stores: [] })
  expect(ownedTopicsOf(watched).toSorted()).toEqual(Object.values(canaryTopics('app')).toSorted())
  expect(ownedTopicsOf(counting)).toEqual([])
})

test('with or without it, state of the other is gone on with', () => {
  const plans = [planOf(counting), planOf(withCanary(counting, 'app'))] as const
  const both = [...comparePlans(...plans), ...comparePlans(plans[1], plans[0])]
  expect(both.filter(({ severity }) => severity === 'incompatible')).toEqual([])
})
