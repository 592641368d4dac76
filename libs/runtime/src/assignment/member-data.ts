/** What a member tells the leader about itself, as `userData` of its subscription. */
export interface MemberData {
  readonly processId: string
  readonly host: string
  readonly thread: number
  /** Tasks with state on this member's disk. */
  readonly tasksOnDisk: readonly string[]
  /** Whoever takes over the tasks of a vanished member fences this id (exactly-once). */
  readonly transactionalId: string | null
  /** Ids of other members, here or gone: see `TransactionalPeers`. */
  readonly knownTransactionalIds: readonly string[]
}

/** What the leader tells each member: who runs what, for routing of queries. */
export interface AssignmentData {
  /** Host by task. */
  readonly hosts: Readonly<{ [task: string]: string }>
  /** Of the members of this generation. */
  readonly transactionalIds: readonly string[]
  /** Of members that are in the group no more. */
  readonly vanishedTransactionalIds: readonly string[]
}

const version = 1

export function encodeMemberData(data: MemberData): Buffer {
  return Buffer.from(JSON.stringify({ version, ...data }))
}

/** Null where the bytes are not ours: the member is then assigned to without preferences. */
export function decodeMemberData(bytes: Buffer): MemberData | null {
  const parsed = parse(bytes)
  if (typeof parsed?.['processId'] !== 'string' || !Array.isArray(parsed['tasksOnDisk']))
    return null
  return {
    processId: parsed['processId'],
    host: String(parsed['host']),
    thread: Number(parsed['thread']),
    tasksOnDisk: parsed['tasksOnDisk'].map(String),
    transactionalId:
      typeof parsed['transactionalId'] === 'string' ? parsed['transactionalId'] : null,
    knownTransactionalIds: textsOf(parsed['knownTransactionalIds']),
  }
}

export function encodeAssignmentData(data: AssignmentData): Buffer {
  return Buffer.from(JSON.stringify({ version, ...data }))
}

export function decodeAssignmentData(bytes: Buffer): AssignmentData {
  const parsed = parse(bytes)
  const hosts = parsed?.['hosts']
  return {
    hosts: typeof hosts === 'object' && hosts !== null ? (hosts as AssignmentData['hosts']) : {},
    transactionalIds: textsOf(parsed?.['transactionalIds']),
    vanishedTransactionalIds: textsOf(parsed?.['vanishedTransactionalIds']),
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function parse(bytes: Buffer): { [name: string]: unknown } | null {
  if (bytes.length === 0) return null
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null
      ? (value as { [name: string]: unknown })
      : null
  } catch {
    return null
  }
}
