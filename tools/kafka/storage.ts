import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './process.ts'
import { serverProperties, writeProperties } from './server-properties.ts'

/** What formatting needs of an installation. */
interface StorageTool {
  readonly java: string
  readonly classPath: string
  readonly bootstrapCheckpoint: string
}

/** A SCRAM credential, stored by the broker for both SHA-256 and SHA-512. */
export interface ScramUser {
  readonly name: string
  readonly password: string
}

/**
 * Formats `dataDir` without a JVM: `meta.properties` of our own beside the checkpoint that StorageTool
 * wrote once. Only the ids in it differ from one cluster to the next.
 */
export function prepareDataDir(tool: StorageTool, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true })
  copyFileSync(tool.bootstrapCheckpoint, join(dataDir, 'bootstrap.checkpoint'))
  const lines = [
    'version=1',
    'node.id=1',
    `cluster.id=${kafkaUuid()}`,
    `directory.id=${kafkaUuid()}`,
  ]
  writeFileSync(join(dataDir, 'meta.properties'), `${lines.join('\n')}\n`)
}

/** Formats `dataDir` with Kafka's own StorageTool: one JVM start more, and the only way to add SCRAM users. */
export async function formatStorage(
  tool: Pick<StorageTool, 'java' | 'classPath'>,
  options: { readonly dataDir: string; readonly scramUsers?: readonly ScramUser[] },
): Promise<void> {
  mkdirSync(options.dataDir, { recursive: true })
  const propertiesFile = join(options.dataDir, 'format.properties')
  // The ports only have to be well formed; the ones that count are in the properties of the start.
  writeProperties(
    propertiesFile,
    serverProperties({ dataDir: options.dataDir, port: 9092, controllerPort: 9093 }),
  )
  const scram = (options.scramUsers ?? []).flatMap(({ name, password }) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  )
  await run(tool.java, [
    ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'],
    `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.xml')}`,
    `-Dmillrace.kafka.log=${join(options.dataDir, 'format.log')}`,
    ...['-cp', tool.classPath, 'kafka.tools.StorageTool'],
    ...['format', '-t', kafkaUuid(), '-c', propertiesFile, ...scram],
  ])
}

/** Kafka's `Uuid` as text: 16 bytes in base64url, 22 characters, not starting with a dash. */
function kafkaUuid(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? kafkaUuid() : id
}
