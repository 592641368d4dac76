import { type Cluster, createCluster, createKafkajsTransport } from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import { startBroker } from './broker.ts'

export interface ConnectOptions {
  readonly onProgress: (line: string) => void
  /** For the broker that is started; a named one is as it is. */
  readonly jvmOptions?: readonly string[]
}

export interface ConnectedBroker {
  /** `host:port`, separated by commas. */
  readonly brokers: string
  readonly cluster: Cluster
  /** Ends the connection, and the broker where it was started here. */
  close(): Promise<void>
}

/** The broker named by MILLRACE_KAFKA_BROKERS, else one started for this run. */
export async function connectToKafka(options: ConnectOptions): Promise<ConnectedBroker> {
  const named = process.env['MILLRACE_KAFKA_BROKERS']
  const started = named ? undefined : await startBroker(options)
  const brokers = named ?? started?.brokers ?? ''
  const connection = { brokers: brokers.split(','), clientId: 'millrace-tools' }
  const cluster = createCluster({
    transport: createKafkajsTransport(connection, () => {}, systemClock),
    clock: systemClock,
  })
  await cluster.connect()
  return {
    brokers,
    cluster,
    async close() {
      await cluster.close()
      await started?.stop()
    },
  }
}
