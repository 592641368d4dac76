import { formatDuration } from '@millrace/time'
import type { Plan, PlannedNode, PlannedRepartition, PlannedStore } from './plan.ts'

/** One difference between two releases' plans. */
export interface PlanDifference {
  /** Incompatible: the state of before does not fit. Harmless: it does; worth a line in the log. */
  readonly severity: 'incompatible' | 'harmless'
  /** A sentence that names what changed, from what to what. */
  readonly text: string
}

/** What changed from the plan that made the state to the one that is to go on with it. */
export function comparePlans(before: Plan, after: Plan): readonly PlanDifference[] {
  return [
    ...compareStores(before.stores, after.stores),
    ...compareRepartitions(before.repartitions, after.repartitions),
    ...compareNodes(before.nodes, after.nodes),
  ]
}

function compareStores(
  before: readonly PlannedStore[],
  after: readonly PlannedStore[],
): PlanDifference[] {
  const { added, removed, kept } = pairs(before, after)
  const differences = kept.flatMap(([was, is]) => compareStore(was, is))
  const renamed = new Set<PlannedStore>()
  for (const is of added) {
    const was = removed.find((store) => !renamed.has(store) && isSameButName(store, is))
    if (was) {
      renamed.add(was)
      differences.push(
        incompatible(
          `store ${was.name} is now named ${is.name}: it would start empty and the state under the old name would be lost`,
        ),
      )
    } else
      differences.push(
        harmless(`store ${is.name} is new; it starts empty, at the committed position`),
      )
  }
  for (const { name } of removed.filter((store) => !renamed.has(store))) {
    differences.push(
      harmless(
        `store ${name} is gone; its changelog stays, do not use the name again without a reset`,
      ),
    )
  }
  return differences
}

function compareStore(was: PlannedStore, is: PlannedStore): PlanDifference[] {
  const changes: string[] = []
  const note = (what: string, from: string | number, to: string | number) => {
    if (from !== to) changes.push(`${what} from ${from} to ${to}`)
  }
  note('kind', was.kind, is.kind)
  note('key serde', was.keySerde, is.keySerde)
  note('value serde', was.valueSerde, is.valueSerde)
  note('version', was.version, is.version)
  note('operator', was.operators.join(' and '), is.operators.join(' and '))
  note('sub-topology', was.subTopology, is.subTopology)
  note('repartition', listed(was.repartitions), listed(is.repartitions))
  note('window size', duration(was.window?.sizeMs), duration(is.window?.sizeMs))
  const differences: PlanDifference[] = []
  const graceBefore = was.window?.graceMs ?? 0
  const graceAfter = is.window?.graceMs ?? 0
  const grace = `grace from ${duration(graceBefore)} to ${duration(graceAfter)}`
  // More grace would take records for windows that have left the store, and count them from 0.
  if (graceAfter > graceBefore) changes.push(grace)
  if (graceAfter < graceBefore) differences.push(harmless(`store ${is.name}: ${grace}`))
  if (listed(was.topics) !== listed(is.topics)) {
    differences.push(
      harmless(`store ${is.name}: topics from ${listed(was.topics)} to ${listed(is.topics)}`),
    )
  }
  return [...changes.map((change) => incompatible(`store ${is.name}: ${change}`)), ...differences]
}

function isSameButName(was: PlannedStore, is: PlannedStore): boolean {
  return !compareStore({ ...was, name: is.name }, is).some(
    ({ severity }) => severity === 'incompatible',
  )
}

function compareRepartitions(
  before: readonly PlannedRepartition[],
  after: readonly PlannedRepartition[],
): PlanDifference[] {
  const { added, removed, kept } = pairs(before, after)
  return [
    ...kept.flatMap(([was, is]) => compareRepartition(was, is)),
    ...added.map(({ name }) => harmless(`repartition ${name} is new`)),
    // Records written to it and not yet read would never be.
    ...removed.map(({ name }) => incompatible(`repartition ${name} is gone`)),
  ]
}

function compareRepartition(was: PlannedRepartition, is: PlannedRepartition): PlanDifference[] {
  const differences: PlanDifference[] = []
  const note = (what: string, from: string | number, to: string | number) => {
    if (from === to) return
    differences.push(incompatible(`repartition ${is.name}: ${what} from ${from} to ${to}`))
  }
  note('key serde', was.keySerde, is.keySerde)
  note('value serde', was.valueSerde, is.valueSerde)
  note('partitions', was.partitionCount ?? 'automatic', is.partitionCount ?? 'automatic')
  note('writing sub-topology', was.writtenBy, is.writtenBy)
  return differences
}

function compareNodes(
  before: readonly PlannedNode[],
  after: readonly PlannedNode[],
): PlanDifference[] {
  const { added, removed, kept } = pairs(before, after)
  const differences = [
    ...added.map(({ name, what }) => harmless(`node ${name} is new: ${what}`)),
    ...removed.map(({ name, what }) => harmless(`node ${name} is gone: ${what}`)),
  ]
  for (const [was, is] of kept) {
    if (was.what !== is.what) {
      differences.push(harmless(`node ${is.name}: from ${was.what} to ${is.what}`))
    }
    if (listed(was.children) !== listed(is.children)) {
      const change = `from ${listed(was.children)} to ${listed(is.children)}`
      differences.push(harmless(`node ${is.name} feeds others: ${change}`))
    }
    if (was.functionTexts.join('\n') !== is.functionTexts.join('\n')) {
      differences.push(
        harmless(
          `node ${is.name}: the text of its function changed; raise the store's version if old rows are wrong now`,
        ),
      )
    }
  }
  return differences
}

function pairs<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]) {
  const beforeByName = new Map(before.map((item) => [item.name, item]))
  const afterNames = new Set(after.map(({ name }) => name))
  const kept: (readonly [was: T, is: T])[] = []
  const added: T[] = []
  for (const is of after) {
    const was = beforeByName.get(is.name)
    if (was) kept.push([was, is])
    else added.push(is)
  }
  return { kept, added, removed: before.filter(({ name }) => !afterNames.has(name)) }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

function duration(ms: number | undefined): string {
  return ms === undefined ? 'none' : formatDuration(ms)
}

function incompatible(text: string): PlanDifference {
  return { severity: 'incompatible', text }
}

function harmless(text: string): PlanDifference {
  return { severity: 'harmless', text }
}
