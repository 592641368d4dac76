import { installKafka } from '../../../tools/kafka/installation.ts'
import { run } from '../../../tools/kafka/process.ts'

/** Changes a setting of a topic, with Kafka's own tool: no processor ever needs to. */
export async function alterTopic(brokers: string, topic: string, config: string): Promise<void> {
  const { java, classPath } = await installKafka(() => {})
  await run(java, [
    ...['-XX:TieredStopAtLevel=1', '-Xmx128m', '-cp', classPath, 'kafka.admin.ConfigCommand'],
    ...['--bootstrap-server', brokers, '--alter', '--entity-type', 'topics'],
    ...['--entity-name', topic, '--add-config', config],
  ])
}
