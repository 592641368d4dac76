import { MillraceError } from '@millrace/errors'
import type { StreamPart } from '../draft/stream-part.ts'

type AnyPart = StreamPart<never, never>

/**
 * Two sides of a join whose records of one key must lie in partitions of one number: throws where
 * they do not belong together.
 */
export function checkSides(operator: string, left: object, right: object): void {
  const [leftPart, rightPart] = [left as AnyPart, right as AnyPart]
  checkSameTopology(operator, leftPart, rightPart)
  checkPartitioned(operator, leftPart)
  checkPartitioned(operator, rightPart)
  const [leftKey, rightKey] = [leftPart.key.name, rightPart.key.name]
  if (leftKey === rightKey) return
  throw new MillraceError('MILLRACE_DSL_INVALID', {
    message: `the sides of ${operator} write their keys as ${leftKey} and as ${rightKey}`,
    remedy: 'Equal keys would lie in different partitions: write both with the same serde.',
  })
}

export function checkSameTopology(operator: string, left: object, right: object): void {
  if ((left as AnyPart).draft === (right as AnyPart).draft) return
  throw new MillraceError('MILLRACE_DSL_INVALID', {
    message: `the sides of ${operator} belong to two topologies`,
    remedy: 'Make both from the same t.',
  })
}

function checkPartitioned(operator: string, { rekeyedBy }: AnyPart): void {
  if (rekeyedBy === undefined) return
  throw new MillraceError('MILLRACE_DSL_NAME_REQUIRED', {
    message: `${operator} needs a repartition because ${rekeyedBy} changed the keys`,
    remedy: 'Call .repartition({ name: … }) on the stream before it is joined.',
  })
}
