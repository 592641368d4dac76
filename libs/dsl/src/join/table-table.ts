import {
  type Defined,
  type JoinKind,
  joinedReader,
  type OfPair,
  TableTableJoinSide,
} from '@millrace/operators'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import type { ValueOptions } from '../options.ts'
import { requireRows } from '../table/require-rows.ts'
import { noDemands, type TableSide } from '../table/table-origin.ts'
import { checkSides } from './check-sides.ts'

/** Adds the two nodes that join tables by their key, one for the changes of each. */
export function tableTableJoin<K, VL, VR, R>(
  kind: JoinKind,
  left: TableSide<K, VL>,
  right: TableSide<K, VR>,
  joiner: OfPair<never, never, never, R>,
  options: ValueOptions<R> = {},
): TableSide<K, Defined<R> | null> {
  const operator = kind === 'inner' ? 'join' : `${kind}Join`
  checkSides(operator, left.part, right.part)
  const join = {
    kind,
    joiner: joiner as OfPair<K, NonNullable<VL> | null, NonNullable<VR> | null, R>,
    left: requireRows(left.origin, operator, left.part.from),
    right: requireRows(right.origin, operator, right.part.from),
  }
  for (const { origin } of [left, right]) {
    origin.demands.oldValues = true
    origin.demands.everyChange = true
  }
  const demands = noDemands()
  const nodes = (['left', 'right'] as const).map((side) => {
    const [own, other] = side === 'left' ? [left, right] : [right, left]
    return left.part.draft.addProcessor(
      {
        operator,
        name: options.name === undefined ? undefined : `${options.name}-${side}`,
        detail: `${side} side, with table ${other.part.from.join(', ')}`,
        supplier: () =>
          new TableTableJoinSide({ ...join, side, sendsOldValues: demands.oldValues }),
        stores: (side === 'left' ? join.right : join.left).stores,
        functions: [joiner],
      },
      own.part.from,
    )
  })
  const value = options.value ?? defaultValueSerde()
  return {
    part: { ...left.part, from: nodes, value: value as never },
    origin: { reader: joinedReader(join) as never, knowsOldValues: true, demands },
  }
}
