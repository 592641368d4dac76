import { type Key, type KeyName, keys } from '@millrace/config'

/** What the processors of docker-compose.yml are given; everything else keeps its default. */
const given: { readonly [name in KeyName]?: string } = {
  applicationId: 'flights',
  // The image's folder of sources is its working directory.
  topology: 'services/processor/src/topologies/flights.ts',
  guarantee: 'exactly_once',
  deadLetterTopic: 'flights-dead-letters',
  brokers: 'kafka:19092',
}

/** Set by the image itself, or for each processor in docker-compose.yml. */
const elsewhere: ReadonlySet<KeyName> = new Set(['stateDirectory', 'httpHost', 'groupInstanceId'])

/** `deploy/env/processor.env`: every setting, those that are left at their default commented out. */
export function processorEnvFile(): string {
  const blocks = (Object.entries(keys) as [KeyName, Key][])
    .filter(([name]) => !elsewhere.has(name))
    .map(([name, key]) => {
      const value = given[name]
      const line = `${key.env}=${value ?? key.default ?? ''}`
      return `# ${key.doc}\n${value === undefined ? `# ${line}` : line}\n`
    })
  return [
    '# The settings of both processors in docker-compose.yml. All names: docs/configuration.md.',
    '# Generated from libs/config/src/keys.ts and tools/generate/processor-env-file.ts by `npm run generate`.\n',
    ...blocks,
  ].join('\n')
}
