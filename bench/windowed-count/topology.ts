import { json, type Serde, string, topology, tumbling } from 'millrace'

interface Order {
  readonly id: number
  readonly user: string
  readonly amount: number
  readonly city: string
  readonly at: number
}

/** Counts as Java's LongSerializer writes them, so that the outputs can be compared byte for byte. */
const int64: Serde<number> = {
  name: 'int64',
  serialize(value) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(BigInt(value))
    return bytes
  },
  deserialize: (bytes) => Number(bytes.readBigInt64BE(0)),
}

const {
  BENCH_INPUT = 'bench',
  BENCH_OUTPUT = 'bench-out',
  BENCH_EVERY_UPDATE = 'false',
} = process.env

/** The same job as bench/peers/kafka-streams: the count of each key per minute, grace one minute. */
export default topology((t) => {
  t.stream(BENCH_INPUT, { key: string, value: json<Order>() })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '1m' }))
    .count({ name: 'counts', everyUpdate: BENCH_EVERY_UPDATE === 'true' })
    .toStream()
    .to(BENCH_OUTPUT, { value: int64 })
})
