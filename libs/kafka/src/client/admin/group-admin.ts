import type { GroupDescription } from '../../ports/admin.ts'
import type { PartitionOffset } from '../../ports/cluster.ts'
import { errorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { type Connection, retryOperation } from '../connection.ts'

/** A group that does not exist is deleted already. */
export async function deleteGroups(
  connection: Connection,
  groupIds: readonly string[],
): Promise<void> {
  for (const groupId of groupIds) {
    await askGroup(connection, groupId, async (nodeId) => {
      const { errorCode } = await connection.transport.deleteGroup(nodeId, groupId)
      const isFine = errorCode === kafkaError.NONE || errorCode === kafkaError.GROUP_ID_NOT_FOUND
      return { errorCode: isFine ? kafkaError.NONE : errorCode, doing: `deleting group ${groupId}` }
    })
  }
}

/** Kafka describes a group that never was as `Dead` without members; from 4.0 on it may say GROUP_ID_NOT_FOUND. */
export async function describeGroup(
  connection: Connection,
  groupId: string,
): Promise<GroupDescription> {
  const described = await askGroup(connection, groupId, async (nodeId) => {
    const answer = await connection.transport.describeGroup(nodeId, groupId)
    const doing = `describing group ${groupId}`
    if (answer.errorCode === kafkaError.GROUP_ID_NOT_FOUND) {
      return { errorCode: kafkaError.NONE, doing, state: 'Dead', memberCount: 0 }
    }
    return { ...answer, doing }
  })
  return { state: described.state, memberCount: described.memberCount }
}

/**
 * A simple commit: generation -1 and no member id, which the coordinator takes only while the
 * group has no members (else UNKNOWN_MEMBER_ID).
 */
export async function resetOffsets(
  connection: Connection,
  groupId: string,
  offsets: readonly PartitionOffset[],
): Promise<void> {
  await askGroup(connection, groupId, async (nodeId) => {
    const answers = await connection.transport.offsetCommit(nodeId, {
      groupId,
      generation: -1,
      memberId: '',
      groupInstanceId: null,
      offsets,
    })
    const failed = answers.find(({ errorCode }) => errorCode !== kafkaError.NONE)
    return {
      errorCode: failed?.errorCode ?? kafkaError.NONE,
      doing: `resetting the offsets of group ${groupId}`,
    }
  })
}

/** Asks the group's coordinator until it answers without a passing error. */
function askGroup<T extends { readonly errorCode: number; readonly doing: string }>(
  connection: Connection,
  groupId: string,
  request: (nodeId: number) => Promise<T>,
): Promise<T> {
  return retryOperation(connection, async () => {
    const answer = await connection.coordinators.call(
      'group',
      groupId,
      request,
      ({ errorCode }) => [errorCode],
    )
    if (answer.errorCode !== kafkaError.NONE) throw errorFor(answer.errorCode, answer.doing)
    return answer
  })
}
