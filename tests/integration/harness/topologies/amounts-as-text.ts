// A patch for dead letters: the amounts of a release that wrote them as text.

import type { DeadLetterPatch } from 'millrace'

const patch: DeadLetterPatch = ({ value }) => {
  const order = JSON.parse(String(value)) as { readonly amount: unknown }
  if (typeof order.amount !== 'string') return null
  return { value: { ...order, amount: Number(order.amount) } }
}

export default patch
