import kafkajs from 'kafkajs'

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka } = kafkajs
const { logLevel, ResourcePatternTypes } = kafkajs

/** A rule as `millrace acl --json` prints it. */
export interface Rule {
  readonly resource: 'topic' | 'group' | 'transactional-id'
  readonly name: string
  readonly isPrefix: boolean
  readonly operations: readonly string[]
}

const resources = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
} as const

const operations: Readonly<{ [name: string]: kafkajs.AclOperationTypes }> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
}

/** Adds the rules for a principal, as a super user of the broker. */
export async function grant(
  brokers: string,
  principal: string,
  rules: readonly Rule[],
): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin()
  try {
    await admin.connect()
    await admin.createAcls({
      acl: rules.flatMap(({ resource, name, isPrefix, operations: names }) =>
        names.map((operation) => ({
          resourceType: resources[resource],
          resourceName: name,
          resourcePatternType: isPrefix
            ? ResourcePatternTypes.PREFIXED
            : ResourcePatternTypes.LITERAL,
          principal,
          host: '*',
          operation: operations[operation] ?? AclOperationTypes.UNKNOWN,
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    })
  } finally {
    await admin.disconnect()
  }
}
