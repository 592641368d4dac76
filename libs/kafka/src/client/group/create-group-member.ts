import { assert } from '@millrace/errors'
import type { GroupMember } from '../../ports/group.ts'
import type { GroupMemberDependencies } from './dependencies.ts'
import { Membership } from './membership.ts'
import { settingsOf } from './settings.ts'

/** A member of a classic consumer group (KIP-62, KIP-345, KIP-394, KIP-429), not yet started. */
export function createGroupMember(dependencies: GroupMemberDependencies): GroupMember {
  const settings = settingsOf(dependencies.options)
  assert(
    settings.heartbeatIntervalMs < settings.sessionTimeoutMs,
    `heartbeatIntervalMs ${settings.heartbeatIntervalMs} is not below sessionTimeoutMs ${settings.sessionTimeoutMs}`,
  )
  return new Membership(dependencies, settings)
}
