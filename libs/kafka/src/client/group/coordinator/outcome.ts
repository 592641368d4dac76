import { kafkaError } from '../../../wire/error-codes.ts'

/**
 * What an answer of the coordinator means to the member.
 *
 * - `again`: the coordinator is loading the group.
 * - `moved`: it is not the coordinator, or it did not answer; it has to be looked up again.
 * - `rebalance`: the group is rebalancing, the member has to join again and keeps what it owns.
 * - `generation-over`: the group went on without this member, which is still known.
 * - `unknown-member`: the group removed the member; a new id is needed.
 * - `id-required`: join again with the id in the answer (KIP-394).
 * - `fenced`: another process joined with the same group instance id.
 * - `refused`: repeating is useless.
 */
export type Outcome =
  | 'ok'
  | 'again'
  | 'moved'
  | 'rebalance'
  | 'generation-over'
  | 'unknown-member'
  | 'id-required'
  | 'fenced'
  | 'refused'

/** What the errors mean is Kafka's `AbstractCoordinator` and `ConsumerCoordinator`. */
export function outcomeOf(errorCode: number): Outcome {
  switch (errorCode) {
    case kafkaError.NONE:
      return 'ok'
    case kafkaError.COORDINATOR_LOAD_IN_PROGRESS:
      return 'again'
    case kafkaError.COORDINATOR_NOT_AVAILABLE:
    case kafkaError.NOT_COORDINATOR:
    case kafkaError.REQUEST_TIMED_OUT:
      return 'moved'
    case kafkaError.REBALANCE_IN_PROGRESS:
      return 'rebalance'
    case kafkaError.ILLEGAL_GENERATION:
      return 'generation-over'
    case kafkaError.UNKNOWN_MEMBER_ID:
      return 'unknown-member'
    case kafkaError.MEMBER_ID_REQUIRED:
      return 'id-required'
    case kafkaError.FENCED_INSTANCE_ID:
      return 'fenced'
    default:
      return 'refused'
  }
}
