import { writeFileSync } from 'node:fs'

export type Properties = Readonly<Record<string, string | number | boolean>>

interface ServerOptions {
  readonly dataDir: string
  readonly port: number
  readonly controllerPort: number
}

/** One node that is broker and controller at once, on the loopback, sized for tests on a small machine. */
export function serverProperties({ dataDir, port, controllerPort }: ServerOptions): Properties {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': dataDir,
    ...singleNode,
    ...prompt,
    ...small,
  }
}

/** What would wait for other brokers otherwise. */
const singleNode: Properties = {
  'default.replication.factor': 1,
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
}

/** What would make a test wait. Time-outs that Millrace itself must live with keep their defaults. */
const prompt: Properties = {
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1_000,
  // After kill -9 the controller admits the broker again only once its old session has ended (9 s by default).
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  'log.initial.task.delay.ms': 500,
  'log.retention.check.interval.ms': 2_000,
  'log.segment.delete.delay.ms': 1_000,
  'log.cleaner.backoff.ms': 500,
}

const small: Properties = {
  'auto.create.topics.enable': false,
  'offsets.topic.num.partitions': 8,
  'transaction.state.log.num.partitions': 8,
  'share.coordinator.state.topic.num.partitions': 1,
  'num.network.threads': 2,
  'num.io.threads': 4,
  'log.cleaner.threads': 1,
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
}

export function writeProperties(file: string, properties: Properties): void {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${escape(String(value))}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
}

/** A value of a Java properties file is one line, and a backslash begins an escape. */
function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
