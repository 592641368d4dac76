import { expect, test } from 'vitest'
import { buildTopology } from '../build/build-topology.ts'
import {
  processor,
  repartition,
  repartitionSink,
  repartitionSource,
  sink,
  source,
  store,
} from '../topology-fixture.ts'
import { describeMermaid } from './describe-mermaid.ts'

test('a flowchart shows sub-topologies, topics between them, stores and late topics', () => {
  const late = { ...sink('late') }
  const topology = buildTopology(
    [
      source('in', ['sink-r']),
      repartitionSink('r'),
      repartitionSource('r', ['count']),
      processor('count', ['sink-out'], { stores: ['counts'], late }),
      sink('out'),
    ],
    [store('counts', { why: 'it "counts"' })],
    [repartition('r')],
  )
  expect(describeMermaid(topology)).toBe(`flowchart LR
  subgraph sub0["sub-topology 0"]
    n0(["source-in"])
    n1(["sink-r"])
  end
  subgraph sub1["sub-topology 1"]
    n4(["source-r"])
    n5["count<br/><small>count</small>"]
    n6(["sink-out"])
    n7[("store counts<br/><small>it #quot;counts#quot;</small>")]
  end
  n2>"topic in"]
  n3>"repartition r<br/><small>r is needed</small>"]
  n8>"topic late"]
  n9>"topic out"]
  n0 --> n1
  n2 --> n0
  n1 --> n3
  n4 --> n5
  n3 --> n4
  n5 --> n6
  n5 <--> n7
  n5 -. late .-> n8
  n6 --> n9
`)
})
