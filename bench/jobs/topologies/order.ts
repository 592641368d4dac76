import type { Serde } from 'millrace'

/** A value of the input. */
export interface Order {
  readonly id: number
  readonly user: string
  readonly amount: number
  readonly city: string
  readonly at: number
}

/** Counts as Java's LongSerializer writes them, so that the outputs can be compared byte for byte. */
export const int64: Serde<number> = {
  name: 'int64',
  serialize(value) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64BE(BigInt(value))
    return bytes
  },
  deserialize: (bytes) => Number(bytes.readBigInt64BE(0)),
}

/** What bench/jobs/millrace.ts says. */
export const job = {
  input: process.env['BENCH_INPUT'] ?? 'bench',
  other: process.env['BENCH_OTHER'] ?? 'bench-other',
  output: process.env['BENCH_OUTPUT'] ?? 'bench-out',
  everyUpdate: process.env['BENCH_EVERY_UPDATE'] === 'true',
}
