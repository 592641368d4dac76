// Orders are priced by a service that takes its time. Several are asked for at once; the answers go
// on in the order of their orders, and a product without a price goes to the dead letters.

import { json, string, topology } from 'millrace'

interface Order {
  readonly product: string
  readonly count: number
}

const prices: { readonly [product: string]: number } = { bread: 3, milk: 2 }

/** In place of `fetch(…, { signal })`: the rarer the product, the longer it takes. */
async function priceOf(product: string, signal: AbortSignal): Promise<number> {
  const price = prices[product]
  await new Promise((resolve) => setTimeout(resolve, product === 'bread' ? 20 : 1))
  signal.throwIfAborted()
  if (price === undefined) throw new Error(`no price of ${product}`)
  return price
}

export default topology((t) => {
  t.stream('orders', { key: string, value: json<Order>(), nullValues: 'drop' })
    .mapAsync(
      async ({ product, count }, _, { signal }) => ({
        product,
        total: count * (await priceOf(product, signal)),
      }),
      { concurrency: 8, timeout: '2s', retries: 1, backoff: '10ms' },
    )
    .to('priced')
})
