import { count, json, sum, topology, tumbling } from 'millrace'
import type { GoldenProgram } from '../golden-program.ts'

interface Order {
  readonly product: string
  readonly amount: number
}

const hourMs = 3_600_000
const graceMs = 600_000

/** Two sources merged, refunds taken out, sales counted by product and hour; late ones set apart. */
export const orderRouting: GoldenProgram = {
  topology: topology((t) => {
    const web = t.stream('web', { value: json<Order>(), nullValues: 'drop' })
    const shop = t.stream('shop', { value: json<Order>(), nullValues: 'drop' })
    const { refund, large, small } = web
      .merge(shop)
      .split(
        { refund: (order) => order.amount < 0, large: (order) => order.amount >= 100 },
        { otherwise: 'small' },
      )
    refund.to('refunds')
    large.mapValues((order) => order.amount).to('large-amounts')
    large
      .merge(small)
      .groupBy((order) => order.product, { repartition: 'by-product' })
      .windowedBy(tumbling({ size: '1h', grace: '10m' }))
      .aggregate({
        name: 'sales',
        of: { orders: count(), total: sum((order: Order) => order.amount) },
        late: 'late-orders',
      })
      .to('sales')
  }),
  outputs: ['refunds', 'large-amounts', 'sales', 'late-orders'],
  resultTopics: ['sales'],
  isRekeyed: true,
  magnitude: ({ orders }: { orders: number }) => orders,
  batch(input) {
    const sales = new Map<string, { orders: number; total: number }>()
    let streamTimeMs = -1
    for (const { value, timestampMs } of input) {
      const order = value as Order | null
      if (order === null || order.amount < 0) continue
      streamTimeMs = Math.max(streamTimeMs, timestampMs)
      const startMs = Math.floor(timestampMs / hourMs) * hourMs
      if (startMs + hourMs + graceMs <= streamTimeMs) continue
      const name = `sales ${order.product} @${startMs}`
      const { orders, total } = sales.get(name) ?? { orders: 0, total: 0 }
      sales.set(name, { orders: orders + 1, total: total + order.amount })
    }
    return sales
  },
}
