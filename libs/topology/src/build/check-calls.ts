import { MillraceError } from '@millrace/errors'
import { lookThroughOf } from '../async-calls.ts'
import type { Node } from '../node.ts'

/**
 * A call is made before its record's turn, so that everything between its source and it must be
 * repeatable.
 */
export function checkCalls(nodes: ReadonlyMap<string, Node>): void {
  for (const node of nodes.values()) {
    if (node.kind !== 'processor' || node.calls === undefined) continue
    const inTheWay = firstInTheWay(node.name, nodes)
    if (inTheWay === undefined) continue
    throw new MillraceError('MILLRACE_TOPOLOGY_INVALID', {
      message: `mapAsync ${node.name} stands behind ${inTheWay}, whose results depend on the records before`,
      remedy: 'Put repartition({ name }) in front of mapAsync: its calls can then be made ahead.',
    })
  }
}

function firstInTheWay(name: string, nodes: ReadonlyMap<string, Node>): string | undefined {
  for (const parent of nodes.values()) {
    if (parent.kind !== 'processor' || !parent.children.includes(name)) continue
    if (lookThroughOf(parent) === undefined) return `${parent.operator} ${parent.name}`
    const further = firstInTheWay(parent.name, nodes)
    if (further !== undefined) return further
  }
  return undefined
}
