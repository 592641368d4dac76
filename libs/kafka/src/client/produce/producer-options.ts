import type { ProducerOptions } from '../../ports/producer.ts'

const defaults = { batchMaxBytes: 512 << 10, recordMaxBytes: 1_000_000, deliveryTimeoutMs: 120_000 }

export function withDefaults(options: ProducerOptions): Required<ProducerOptions> {
  return {
    batchMaxBytes: options.batchMaxBytes ?? defaults.batchMaxBytes,
    recordMaxBytes: options.recordMaxBytes ?? defaults.recordMaxBytes,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? defaults.deliveryTimeoutMs,
  }
}
